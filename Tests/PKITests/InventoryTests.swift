import Buffers
import Crypto
import Glibc
import Testing

@testable import PKI

@Suite struct InventoryTests {
    private let directory = TemporaryDirectory.prepared()

    private func states(_ now: WallTime) -> [InventoryEntry.State] {
        directory.pki.inventory(now: now).map(\.state)
    }

    @Test func `an empty directory has nothing, and stays empty`() {
        let directory = TemporaryDirectory()
        #expect(directory.pki.inventory(now: start).isEmpty)
        #expect(TemporaryDirectory.names(in: directory.path).isEmpty)
    }

    @Test func `everything is listed with its state`() throws {
        let contents = try directory.pki.prepare(try request(), now: start)
        _ = try directory.pki.updateAdminKubeconfig(server: "https://a:1", contents)
        #expect(states(start) == [.valid, .valid, .valid, .valid, .valid])
        #expect(states(start + day * 300) == [.valid, .due, .due, .valid, .due])
        #expect(states(start + day * 366) == [.valid, .expired, .expired, .valid, .expired])
        #expect(states(start - day)[0] == .notYetValid)
        let entries = directory.pki.inventory(now: start + day * 300)
        #expect(entries.filter(\.isProblem).isEmpty)
        #expect(directory.pki.inventory(now: start + day * 366).filter(\.isProblem).count == 3)
    }

    @Test func `what cannot be used is a problem with a reason`() throws {
        _ = try directory.pki.prepare(try request(), now: start)
        chmod(directory.pki.file("apiserver.key"), 0o644)
        try AtomicFile.replace(directory.pki.serviceAccountKeyPath, "nothing")
        let problems = directory.pki.inventory(now: start).filter(\.isProblem)
        #expect(problems.count == 2)
        let text = InventoryTable.text(directory.pki.inventory(now: start), now: start)
        #expect(text.contains("chmod 0600 \(directory.pki.file("apiserver.key"))"))
        #expect(text.contains("no PEM block"))
    }

    @Test func `the table has a line for each file`() throws {
        _ = try directory.pki.prepare(try request(), now: start)
        let now = start + day * 360
        let text = InventoryTable.text(directory.pki.inventory(now: now), now: now)
        let lines = text.split(separator: "\n")
        #expect(lines.count == 5)
        #expect(lines[0].hasPrefix("FILE "))
        let words = lines[2].split(separator: " ").map(String.init)
        #expect(words[0].hasSuffix("pki/apiserver.crt"))
        #expect(words.contains("CN=binnacle"))
        #expect(words.contains("5d"))
        #expect(lines[2].hasSuffix("renewal due"))
        #expect(lines[4].contains("signs tokens of service accounts"))
    }
}

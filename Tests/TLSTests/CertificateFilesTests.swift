// Certificates that change on disk.

import Buffers
import Crypto
import Glibc
import HTTPTesting
import Synchronization
import TLS
import Testing

/// A directory of this test's own, gone with it.
final class ScratchDirectory: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/binnacle-tls-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { preconditionFailure("no directory") }
        path = String(cString: made)
    }

    deinit {
        for name in ["tls.crt", "tls.key", "ca.crt"] { unlink(file(name)) }
        rmdir(path)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func write(_ bytes: Bytes, to name: String) {
        guard let file = fopen(file(name), "w") else { preconditionFailure("no file") }
        _ = bytes.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
        fclose(file)
    }

    func write(_ certificate: TLSCertificate) {
        write(certificate.chain, to: "tls.crt")
        write(certificate.key, to: "tls.key")
    }
}

/// Files, their clock, and what was reported about them.
final class FileRig: Sendable {
    let directory = ScratchDirectory()
    let clock = ManualClock()
    let files: CertificateFiles
    private let reports: Reports

    private final class Reports: Sendable {
        let texts = Mutex<[String]>([])
    }

    init() throws {
        directory.write(TestPKI.server)
        directory.write(TestPKI.authority, to: "ca.crt")
        let reports = Reports()
        self.reports = reports
        files = try CertificateFiles(
            [
                CertificateFiles.Pair(
                    certificate: directory.file("tls.crt"), key: directory.file("tls.key"))
            ], clientAuthorities: directory.file("ca.crt"), clock: clock
        ) { report in
            reports.texts.withLock {
                switch report {
                case .reloaded: $0.append("reloaded")
                case .unusable(let error): $0.append("\(error)")
                }
            }
        }
    }

    var reported: [String] { reports.texts.withLock { $0 } }

    /// The name that a client sees a second later.
    func shownName() throws -> String? {
        clock.advance(seconds: 1)
        let context = files.context()
        let pair = try MemoryPair(TestContext.client(), context)
        let other = try MemoryPair(TestContext.client(), context, name: "second.example")
        return (pair.isDone ? pair : other).client.peer?.certificate.commonName
    }
}

@Suite struct CertificateFilesTests {
    let rig: FileRig

    init() throws { rig = try FileRig() }

    @Test func `files that do not change are read once`() throws {
        let first = rig.files.context()
        rig.clock.advance(seconds: 100)
        #expect(rig.files.context() === first)
        #expect(rig.reported.isEmpty)
    }

    @Test func `new files are used within a second`() throws {
        #expect(try rig.shownName() == "localhost")
        let before = rig.files.context()
        rig.directory.write(TestPKI.second)
        #expect(rig.files.context() === before)
        #expect(try rig.shownName() == "second.example")
        #expect(rig.reported == ["reloaded"])
    }

    @Test func `broken files leave the old ones in use and are reported once`() throws {
        rig.directory.write("nonsense", to: "tls.crt")
        #expect(try rig.shownName() == "localhost")
        #expect(try rig.shownName() == "localhost")
        #expect(rig.reported == ["the certificate: there is no certificate in it"])
        unlink(rig.directory.file("tls.crt"))
        #expect(try rig.shownName() == "localhost")
        #expect(rig.reported.last?.hasSuffix("No such file or directory") == true)
        rig.directory.write(TestPKI.second)
        #expect(try rig.shownName() == "second.example")
        #expect(rig.reported.count == 3)
        #expect(rig.reported.last == "reloaded")
    }

    @Test func `a certificate whose key comes later is waited for`() throws {
        rig.directory.write(TestPKI.second.chain, to: "tls.crt")
        #expect(try rig.shownName() == "localhost")
        rig.directory.write(TestPKI.second.key, to: "tls.key")
        #expect(try rig.shownName() == "second.example")
        #expect(rig.reported.count == 2)
    }

    @Test func `other authorities are believed as soon as they are there`() throws {
        func refusal() throws -> TLSPeerRefusal? {
            rig.clock.advance(seconds: 1)
            let client = try TestContext.client(certificate: TestPKI.client)
            return try MemoryPair(client, rig.files.context()).server.peer?.refusal
        }
        #expect(try refusal() == nil)
        rig.directory.write(TestPKI.otherAuthority, to: "ca.crt")
        #expect(try refusal() == .unknownAuthority)
    }

    @Test func `what is missing at the start is named`() {
        let path = rig.directory.file("absent")
        #expect(throws: TLSSetupError("\(path): it cannot be read: No such file or directory")) {
            _ = try CertificateFiles(
                [CertificateFiles.Pair(certificate: path, key: path)], report: { _ in })
        }
    }
}

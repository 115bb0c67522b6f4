import APIServer
import Access
import Buffers
import Glibc
import JSON
import Logging
import Observability
import Testing

/// A directory for as long as it lives.
private final class AuditDirectory: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/binnacle-audit-XXXXXX".utf8CString)
        mkdtemp(&template)
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        for file in files { unlink("\(path)/\(file)") }
        rmdir(path)
    }

    var files: [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var files: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { files.append(name) }
        }
        return files.sorted()
    }

    func lines(_ file: String) -> [JSONValue] {
        guard let stream = fopen("\(path)/\(file)", "r") else { return [] }
        defer { fclose(stream) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&buffer, 1, buffer.count, stream), count > 0 {
            text += buffer[..<count]
        }
        return text.split(separator: UInt8(ascii: "\n")).map {
            (try? JSONValue(parsing: Bytes($0))) ?? .null
        }
    }
}

@Suite struct AuditTests {
    /// The lines that `body` leaves behind.
    private func lines(
        _ level: AuditLevel, _ body: (TestGateway) async throws -> Void
    ) async throws -> [JSONValue] {
        let directory = AuditDirectory()
        let trail = try trail(directory, level)
        let file = TemporaryTokenFile("ann-token,ann,7,dev\n")
        let identity = try file.identity()
        let gateway = try await TestGateway {
            $0.audit = trail
            $0.identity = identity
        }
        try await gateway.run(body)
        await trail.flush()
        return directory.lines("audit.log")
    }

    private func trail(
        _ directory: AuditDirectory, _ level: AuditLevel, size: Int = 1 << 20, backups: Int = 0
    ) throws -> AuditTrail {
        var log = Logger(label: "test")
        log.logLevel = .critical
        return try AuditTrail(
            AuditOptions(
                path: "\(directory.path)/audit.log", level: level, fileByteCountMax: size,
                backupCountMax: backups), MetricsRegistry(), log)
    }

    @Test func `each request leaves a line that says who, what and with what end`() async throws {
        let found = try await lines(.metadata) { gateway in
            let answer = try await gateway.caller("ann-token").get(
                TestGateway.configMaps + "/x?pretty=1",
                fields: ["User-Agent: tester", "Audit-Id: my-own"])
            #expect(answer.field("Audit-Id") == "my-own")
            #expect(answer.status == 403)
        }
        let line = try #require(found.first)
        #expect(found.count == 1)
        #expect(line["kind"] == "Event" && line["apiVersion"] == "audit.k8s.io/v1")
        #expect(line["level"] == "Metadata" && line["stage"] == "ResponseComplete")
        #expect(line["auditID"] == "my-own" && line["verb"] == "get")
        #expect(line["requestURI"] == .string(TestGateway.configMaps + "/x?pretty=1"))
        #expect(
            line["user"] == [
                "username": "ann", "uid": "7", "groups": ["dev", "system:authenticated"],
            ])
        #expect(line["sourceIPs"] == ["127.0.0.1"] && line["userAgent"] == "tester")
        #expect(
            line["objectRef"] == [
                "resource": "configmaps", "namespace": "default", "name": "x", "apiVersion": "v1",
            ])
        #expect(line[path: "responseStatus", "code"] == 403)
        #expect(line[path: "responseStatus", "reason"] == "Forbidden")
        #expect(line[path: "annotations", "authorization.k8s.io/decision"] == "forbid")
        let times = ["requestReceivedTimestamp", "stageTimestamp"].compactMap { line[$0]?.string }
        #expect(times.count == 2 && times[0] <= times[1] && times[0].hasSuffix("Z"))
    }

    @Test func `bad credentials, other names and ends of watches are told`() async throws {
        let found = try await lines(.metadata) { gateway in
            _ = try await gateway.caller("very-secret").get("/api/v1/pods")
            _ = try await gateway.get("/api/v1/pods", fields: ["Impersonate-User: bob"])
            _ = try await gateway.get("/api/v1/pods")
            let watch = try await gateway.watch(TestGateway.configMaps + "?watch=true")
            await watch.close()
        }
        #expect(found.count == 4)
        #expect(found[0]["user"] == [:] && found[0][path: "responseStatus", "code"] == 401)
        #expect(found[0]["annotations"] == nil)
        #expect(!found.contains { $0.description.contains("very-secret") })
        #expect(found[1][path: "user", "username"] == "system:admin")
        #expect(found[1][path: "impersonatedUser", "username"] == "bob")
        #expect(found[2][path: "annotations", "authorization.k8s.io/decision"] == "allow")
        #expect(found[3]["verb"] == "watch" && found[3][path: "responseStatus", "code"] == 200)
        let ids = Set(found.compactMap { $0["auditID"]?.string })
        #expect(ids.count == 4)
    }

    @Test func `what was sent is told, unless it may be secret`() async throws {
        let found = try await lines(.request) { gateway in
            let secret: JSONValue = ["metadata": ["name": "s"], "data": ["k": "aGlkZGVu"]]
            try await gateway.ask("POST", "/api/v1/namespaces/default/secrets", secret)
            try await gateway.merge(
                ["stringData": ["k": "aGlkZGVu"]], into: "/api/v1/namespaces/default/secrets/s")
            try await gateway.create("m", data: ["k": "aGlkZGVu"])
            try await gateway.ask(
                "POST", "/apis/authentication.k8s.io/v1/tokenreviews",
                ["spec": ["token": "aGlkZGVu"]])
            for mistaken in ["/api/v1/namespaces/default/Secrets", "/api/v2/secrets", "/secrets"] {
                try await gateway.ask("POST", mistaken, secret)
            }
            try await gateway.ask(
                "POST", "/api/v1/namespaces", ["metadata": ["name": "shown"]])
        }
        #expect(found.count == 8)
        for line in found.dropLast() {
            #expect(line["requestObject"] == nil)
            #expect(!line.description.contains("aGlkZGVu"))
        }
        #expect(found[0][path: "objectRef", "name"] == "s", "the name is that of the body")
        #expect(found[7]["requestObject"] == ["metadata": ["name": "shown"]])
    }

    @Test func `a file that is full is set aside, and old ones go`() async throws {
        let directory = AuditDirectory()
        let trail = try trail(directory, .metadata, size: 4096, backups: 2)
        let gateway = try await TestGateway { $0.audit = trail }
        try await gateway.run { gateway in
            for number in 0..<40 {
                _ = try await gateway.get("/healthz?number=\(number)")
                await trail.flush()
            }
        }
        let files = directory.files
        #expect(files.count == 3 && files.last == "audit.log")
        let numbers = files.flatMap { directory.lines($0) }.compactMap {
            $0["requestURI"]?.string?.split(separator: "=").last.flatMap { Int($0) }
        }
        #expect(numbers == Array((numbers.first ?? 0)..<40), "in order, and without a gap")
        for file in files { #expect(directory.lines(file).count < 12) }
    }

    @Test func `a file that cannot be opened is refused`() {
        var log = Logger(label: "test")
        log.logLevel = .critical
        let options = AuditOptions(
            path: "/nonexistent/audit.log", level: .metadata, fileByteCountMax: 1,
            backupCountMax: 0)
        let error = #expect(throws: AuditFileError.self) {
            _ = try AuditTrail(options, MetricsRegistry(), log)
        }
        #expect(error?.description == "/nonexistent/audit.log: No such file or directory")
    }
}

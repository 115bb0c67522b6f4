import Crypto
import Glibc

@testable import PKI

/// A directory for one test, removed with everything in it at the end.
final class TemporaryDirectory: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/binnacle-pki-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil, "no temporary directory")
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// With a key that is there already: to make one of RSA takes a while.
    private convenience init(serviceAccountKey: PrivateKey) throws {
        self.init()
        try pki.make()
        try AtomicFile.replace(pki.serviceAccountKeyPath, serviceAccountKey.pem)
    }

    static func prepared() -> TemporaryDirectory {
        try! TemporaryDirectory(serviceAccountKey: commonKey)
    }

    private static let commonKey = PrivateKey.generate(.p256)

    deinit {
        for directory in ["\(path)/pki", path] {
            for name in Self.names(in: directory) { unlink("\(directory)/\(name)") }
            rmdir(directory)
        }
    }

    var pki: PKIDirectory { PKIDirectory(dataDirectory: path) }

    /// The names of the files in `directory`, sorted.
    static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// The permission bits of a file.
    static func mode(_ path: String) -> mode_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
    }
}

let start = WallTime(seconds: 1_800_000_000)
let day: Duration = .seconds(86_400)

/// What a server without any flags asks for.
func request(_ additional: String...) throws -> PKIRequest {
    let names = try PKIRequest.servingNames(hostName: "host", additional: additional)
    return PKIRequest(servingNames: names, trustsOwnAuthority: true)
}

// What a gateway is called among those that share a store.

import Glibc

/// A name that stays the same after a restart, and that no other data directory has.
enum GatewayName {
    /// The name in the data directory; made when there is none.
    static func read(in directory: DataDirectory) throws -> String {
        let path = directory.file("gateway-name")
        if let name = contents(of: path) { return name }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST, let name = contents(of: path) { return name }
            throw StartFailure(
                description: "binnacle: \(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        let name = String(repeating: "0", count: 16 - digits.count) + digits
        guard write(descriptor, name, 16) == 16, fsync(descriptor) == 0 else {
            unlink(path)
            throw StartFailure(
                description: "binnacle: \(path): \(String(cString: strerror(errno)))")
        }
        return name
    }

    /// `nil` when there is none, or none that was written whole.
    private static func contents(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= 16 else {
            if count >= 0 { unlink(path) }
            return nil
        }
        return String(decoding: bytes[..<16], as: UTF8.self)
    }
}

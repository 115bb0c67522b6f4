// Files of settings, read whole.

import Buffers
import Glibc

/// Reads files that are small by nature.
enum SmallFile {
    /// - Throws: `ConfigurationError` when it cannot be read.
    static func read(_ path: String) throws(ConfigurationError) -> Bytes {
        guard let file = fopen(path, "r") else {
            throw ConfigurationError("\(path): \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        var buffer = ByteBuffer(reserving: 4_096)
        while true {
            let count = buffer.appendUninitialized(4_096) {
                fread($0.baseAddress, 1, $0.count, file)
            }
            if count == 0 { break }
            guard buffer.count <= Limits.fileByteCountMax else {
                throw ConfigurationError("\(path): it is too large")
            }
        }
        guard ferror(file) == 0 else { throw ConfigurationError("\(path): it cannot be read") }
        return buffer.freeze()
    }
}

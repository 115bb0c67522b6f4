// A folder for what the servers keep, which is removed in the end.

import Glibc
import SystemCalls

/// A folder of this run alone.
struct Scratch: Sendable {
    let path: String

    /// Makes a new folder in `parent`.
    init(in parent: String) throws {
        path = "\(parent)/scratch-\(getpid())"
        try Self.make(path)
    }

    /// The path of a file or folder in here.
    func path(_ name: String) -> String { "\(path)/\(name)" }

    /// Makes a folder in here and returns its path.
    func folder(_ name: String) throws -> String {
        try Self.make(path(name))
        return path(name)
    }

    /// Removes it with all that it holds. Runs in a signal handler's queue, too.
    func remove() { Self.removeTree(path) }

    /// Removes a file or a folder with all that it holds, and follows no links.
    static func removeTree(_ path: String) {
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                guard name != ".", name != ".." else { continue }
                if entry.pointee.d_type == UInt8(DT_DIR) {
                    removeTree("\(path)/\(name)")
                } else {
                    unlink("\(path)/\(name)")
                }
            }
            closedir(folder)
        }
        rmdir(path)
    }

    static func make(_ path: String) throws {
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
            throw BenchFailure("\(path): \(String(cString: strerror(errno)))")
        }
    }

    static func write(_ bytes: UnsafeRawBufferPointer, to path: String) throws {
        guard let file = fopen(path, "wb") else {
            throw BenchFailure("\(path): \(String(cString: strerror(errno)))")
        }
        let written = fwrite(bytes.baseAddress, 1, bytes.count, file)
        guard fclose(file) == 0, written == bytes.count else {
            throw BenchFailure("\(path): not all of it could be written")
        }
    }

    /// The kind of file system that this lies on, as mount(8) names it.
    var fileSystem: String {
        guard let real = realpath(path, nil) else { return "unknown" }
        defer { free(real) }
        let place = String(cString: real) + "/"
        let mounts = (textOfFile("/proc/self/mounts") ?? "").split(separator: "\n")
            .map { $0.split(separator: " ") }
        let holding = mounts.filter { mount in
            mount.count > 2 && place.hasPrefix(mount[1] == "/" ? "/" : "\(mount[1])/")
        }
        return holding.max { $0[1].count < $1[1].count }.map { String($0[2]) } ?? "unknown"
    }
}

/// A port of the loopback address that was free a moment ago.
func freePort() throws -> Endpoint {
    Endpoint(try Descriptor.listener(on: .loopback(port: 0)).localAddress())
}

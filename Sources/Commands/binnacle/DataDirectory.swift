import Glibc

/// The directory that holds everything the server keeps.
struct DataDirectory {
    let path: String

    /// Makes the directory, readable by its owner alone, when it is missing.
    init(_ path: String) throws {
        self.path = path
        guard mkdir(path, 0o700) != 0, errno != EEXIST else { return }
        throw StartFailure(
            description: "--data-dir \(path): cannot be made: \(String(cString: strerror(errno)))")
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }
}

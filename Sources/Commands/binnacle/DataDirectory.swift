import SystemCalls

/// The directory that holds everything the server keeps.
struct DataDirectory {
    let path: String

    /// Makes the directory, readable by its owner alone, when it is missing.
    init(_ path: String) throws {
        self.path = path
        try makeDirectory(path, mode: 0o700)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }
}

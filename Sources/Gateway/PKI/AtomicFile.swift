// Files that are there as a whole or not at all, and survive a power cut.

import Buffers
import Glibc

/// Writes files with mode 0600 beside their place, and moves them there when they are on disk.
enum AtomicFile {
    private static let remedy = "make room and give this user the right to write there"

    /// Makes the file, or returns `false` and leaves the one that is there as it is.
    static func create(_ path: String, _ bytes: Bytes) throws(PKIError) -> Bool {
        let draft = try writeDraft(of: path, bytes)
        defer { unlink(draft) }
        // Unlike a renaming, a new name never takes the place of an old one.
        if link(draft, path) != 0 {
            guard errno == EEXIST else { throw .system(path, "link", remedy: remedy) }
            return false
        }
        try syncDirectory(of: path)
        return true
    }

    /// Puts the file in the place of the one that is there, if any.
    static func replace(_ path: String, _ bytes: Bytes) throws(PKIError) {
        let draft = try writeDraft(of: path, bytes)
        guard rename(draft, path) == 0 else {
            let error = PKIError.system(path, "rename", remedy: remedy)
            unlink(draft)
            throw error
        }
        try syncDirectory(of: path)
    }

    private static func writeDraft(of path: String, _ bytes: Bytes) throws(PKIError) -> String {
        let (directory, name) = split(path)
        let draft = "\(directory)/.\(name).\(getpid()).tmp"
        // One of a process that had this number and was killed.
        unlink(draft)
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .system(draft, "open", remedy: remedy) }
        defer { close(file) }
        do {
            try write(bytes, to: file, draft)
        } catch {
            unlink(draft)
            throw error
        }
        return draft
    }

    private static func write(
        _ bytes: Bytes, to file: CInt, _ path: String
    ) throws(PKIError) {
        // The mode that `open` gave was cut by the process's mask.
        guard fchmod(file, 0o600) == 0 else {
            throw .system(path, "fchmod", remedy: remedy)
        }
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.write(file, $0.baseAddress, $0.count)
            }
            guard count > 0 || errno == EINTR else {
                throw .system(path, "write", remedy: remedy)
            }
            rest = rest.dropFirst(max(count, 0))
        }
        guard fsync(file) == 0 else { throw .system(path, "fsync", remedy: remedy) }
    }

    private static func syncDirectory(of path: String) throws(PKIError) {
        let directory = split(path).directory
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(directory, "open", remedy: remedy) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw .system(directory, "fsync", remedy: remedy)
        }
    }

    private static func split(_ path: String) -> (directory: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let directory = slash == path.startIndex ? "/" : String(path[..<slash])
        return (directory, String(path[path.index(after: slash)...]))
    }
}

// Where the server's keys and certificates lie, and who may change them at a time.

import Glibc

/// `pki` in the data directory, and `admin.kubeconfig` beside it. File names are those that kubeadm
/// uses.
public struct PKIDirectory: Sendable {
    public let dataDirectory: String

    public init(dataDirectory: String) { self.dataDirectory = dataDirectory }

    var path: String { "\(dataDirectory)/pki" }
    func file(_ name: String) -> String { "\(path)/\(name)" }

    public var authorityCertificatePath: String { file("ca.crt") }
    var authorityKeyPath: String { file("ca.key") }
    public var servingCertificatePath: String { file("apiserver.crt") }
    public var servingKeyPath: String { file("apiserver.key") }
    public var serviceAccountKeyPath: String { file("sa.key") }
    public var adminKubeconfigPath: String { "\(dataDirectory)/admin.kubeconfig" }

    /// Makes the directories, open to their owner alone, when they are missing.
    func make() throws(PKIError) {
        for directory in [dataDirectory, path] {
            guard mkdir(directory, 0o700) != 0, errno != EEXIST else { continue }
            throw .system(
                directory, "mkdir", remedy: "give this user the right to write in its parent")
        }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw PKIError(path, "is no directory", remedy: "remove it")
        }
        guard status.st_mode & 0o022 == 0 else {
            throw PKIError(path, "others may write in it", remedy: "chmod 0700 \(path)")
        }
    }

    /// Runs `body` while no other process or task does the same here.
    /// - Throws: `PKIError`, also when another one takes longer than it ever should.
    func locked<Result>(_ body: () throws(PKIError) -> Result) throws(PKIError) -> Result {
        let lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard lock >= 0 else {
            throw .system(path, "open", remedy: "give it to this user: chown \(geteuid()) \(path)")
        }
        defer { close(lock) }
        var attemptCount = 1
        while flock(lock, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw .system(path, "flock", remedy: "put it on a file system with locks")
            }
            guard attemptCount < Limits.lockAttemptCountMax else {
                throw PKIError(
                    path, "another process holds it", remedy: "see which, and end it: fuser \(path)"
                )
            }
            attemptCount += 1
            usleep(Limits.lockAttemptInterval)
        }
        defer { flock(lock, LOCK_UN) }
        return try body()
    }
}

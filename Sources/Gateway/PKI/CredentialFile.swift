// Reading keys and certificates from files, with complaints that say what to do.

import Buffers
import Crypto
import Glibc

/// A certificate, what is sent along with it, and its private key.
public struct Credential: Sendable {
    public let certificate: Certificate
    /// Certificates of authorities that lead from `certificate` to one that clients know.
    public let chain: [Certificate]
    public let key: PrivateKey

    public init(certificate: Certificate, chain: [Certificate] = [], key: PrivateKey) {
        self.certificate = certificate
        self.chain = chain
        self.key = key
    }
}

/// Files that people bring, and those that are made here.
public enum CredentialFile {
    /// Reads a serving certificate, its chain behind it, and its key.
    /// - Throws: `PKIError` also when the two do not fit, or when it is not the time for it.
    public static func servingCredential(
        certificatePath: String, keyPath: String, now: WallTime
    ) throws(PKIError) -> Credential {
        let certificates = try certificates(certificatePath)
        let key = try privateKey(keyPath)
        guard certificates[0].fits(key) else {
            let isReversed = certificates.dropFirst().contains { $0.fits(key) }
            throw PKIError(
                keyPath, "does not fit the certificate in \(certificatePath)",
                remedy: isReversed
                    ? "put the server's own certificate first, and its authorities after it"
                    : "give the key that the certificate was made for")
        }
        try check(certificates[0], at: certificatePath, now: now)
        guard certificates[0].usage.allowsServer else {
            throw PKIError(
                certificatePath, "may not be used by a server",
                remedy: "give one whose extended key usage has serverAuth")
        }
        return Credential(
            certificate: certificates[0], chain: Array(certificates.dropFirst()), key: key)
    }

    /// Reads the certificates of authorities that are trusted. Some may have expired, not all.
    public static func authorities(_ path: String, now: WallTime) throws(PKIError) -> [Certificate]
    {
        let certificates = try certificates(path)
        if let other = certificates.first(where: { !$0.usage.isAuthority }) {
            throw PKIError(
                path, "\(other.subject) is no certificate authority",
                remedy: "give certificates of authorities only")
        }
        if !certificates.contains(where: { $0.isValid(at: now) }) {
            try check(certificates[0], at: path, now: now)
        }
        return certificates
    }

    /// - Throws: `PKIError` when `now` is before or after the time of `certificate`.
    static func check(
        _ certificate: Certificate, at path: String, now: WallTime
    ) throws(PKIError) {
        if now > certificate.notAfter {
            throw PKIError(
                path, "expired at \(certificate.notAfter)", remedy: "replace it with a newer one")
        }
        if now < certificate.notBefore {
            throw PKIError(
                path, "is not valid before \(certificate.notBefore)",
                remedy: "set the clock, or replace it")
        }
    }

    /// Every certificate of a PEM file: at least one.
    public static func certificates(_ path: String) throws(PKIError) -> [Certificate] {
        let bytes = try read(path, isSecret: false)
        do {
            return try Certificate.bundle(pem: bytes)
        } catch {
            throw PKIError(path, "\(error)", remedy: "give certificates in PEM")
        }
    }

    /// The private key of a PEM file that nobody else may read.
    public static func privateKey(_ path: String) throws(PKIError) -> PrivateKey {
        let bytes = try read(path, isSecret: true)
        do {
            return try PrivateKey(pem: bytes)
        } catch {
            throw PKIError(
                path, "\(error)",
                remedy: "give a private key of RSA or P-256 in PEM, without a passphrase")
        }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func read(_ path: String, isSecret: Bool) throws(PKIError) -> Bytes {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            throw .system(path, "open", remedy: "give a file that this user can read")
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw PKIError(path, "is no file", remedy: "give a file in PEM")
        }
        if isSecret { try checkPrivacy(status, of: path) }
        guard status.st_size <= Limits.fileByteCountMax else {
            throw PKIError(
                path, "has more than \(Limits.fileByteCountMax) bytes", remedy: "give a file in PEM"
            )
        }
        var buffer = ByteBuffer(reserving: Int(status.st_size))
        while buffer.count < Limits.fileByteCountMax {
            let count = buffer.appendUninitialized(64 << 10) { room in
                max(0, Glibc.read(file, room.baseAddress, room.count))
            }
            if count == 0 { break }
        }
        return buffer.freeze()
    }

    /// A key belongs to the user of this process, who alone may read it; or to root, and then a
    /// group may read it, as secrets are mounted.
    private static func checkPrivacy(_ status: stat, of path: String) throws(PKIError) {
        let owner = status.st_uid
        guard owner == geteuid() || owner == 0 else {
            throw PKIError(
                path, "belongs to user \(owner), not to user \(geteuid())",
                remedy: "chown \(geteuid()) \(path)")
        }
        let forbidden: mode_t = owner == 0 && geteuid() != 0 ? 0o037 : 0o077
        guard status.st_mode & forbidden == 0 else {
            let mode = String(status.st_mode & 0o777, radix: 8)
            throw PKIError(
                path, "a private key with mode 0\(mode), which others can read or change",
                remedy: "chmod 0600 \(path)")
        }
    }
}

// What a server needs of its keys and certificates, and what it got.

import Crypto
import Glibc

/// What is to be made when it is missing. What people bring themselves is not made.
public struct PKIRequest: Sendable {
    /// The names of the serving certificate; `nil` when the server was given one.
    public var servingNames: AlternativeNames?
    /// Clients show certificates of our authority; false when the server was given another one.
    public var trustsOwnAuthority: Bool

    public init(servingNames: AlternativeNames?, trustsOwnAuthority: Bool) {
        self.servingNames = servingNames
        self.trustsOwnAuthority = trustsOwnAuthority
    }

    /// The names by which every client on this machine and in the cluster calls the server, and
    /// `additional` ones.
    /// - Throws: `CryptoError.invalidName` when an additional one is neither a name nor an address;
    ///   `CryptoError.tooLarge` when there are too many.
    public static func servingNames(
        hostName: String, additional: [String]
    ) throws(CryptoError) -> AlternativeNames {
        guard additional.count <= Limits.servingNameCountMax else {
            throw .tooLarge(what: "names of the server", max: Limits.servingNameCountMax)
        }
        let service = "kubernetes"
        let standard = [
            "localhost", "127.0.0.1", "::1", service, "\(service).default",
            "\(service).default.svc", "\(service).default.svc.cluster.local",
        ]
        // A machine may be called what no certificate can hold.
        let host = (try? AlternativeNames([hostName])) == nil ? [] : [hostName]
        return try AlternativeNames(standard + host + additional)
    }

    /// What this machine calls itself; empty when it does not say.
    public static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "" }
        let end = name.firstIndex(of: 0) ?? name.count
        return String(decoding: name[..<end].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// The server's keys and certificates, as they are after `PKIDirectory.prepare`.
public struct PKIContents: Sendable {
    /// What was done to a file.
    public enum Change: Hashable, Sendable, CustomStringConvertible {
        case made(path: String)
        case renewed(path: String, reason: String)

        public var description: String {
            switch self {
            case .made(let path): "made \(path)"
            case .renewed(let path, let reason): "renewed \(path): \(reason)"
            }
        }
    }

    /// Our authority; `nil` when nothing here needs it.
    public internal(set) var authority: Certificate?
    /// Ours; `nil` when the server was given another one.
    public internal(set) var serving: Credential?
    /// May do everything; `nil` when our authority is not trusted.
    public internal(set) var admin: Credential?
    /// Signs the tokens of service accounts.
    public internal(set) var serviceAccountKey: PrivateKey
    public internal(set) var changes: [Change] = []
    /// What will stop to work, and is not ours to renew.
    public internal(set) var warnings: [String] = []
}

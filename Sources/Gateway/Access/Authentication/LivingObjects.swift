// Whether what credentials are bound to is still there.

import APIModel
import Buffers
import Crypto
import Glibc
import JSON
import Storage
import WatchCache

/// An object that credentials are bound to: they count no more when it is gone.
struct BoundObject: Hashable, Sendable {
    enum Kind: String, Hashable, Sendable, CaseIterable {
        case serviceAccount = "service account"
        case pod, secret, node

        /// The name of the cache's resource.
        var resource: String {
            self == .serviceAccount ? "core/serviceaccounts" : "core/\(rawValue)s"
        }
    }

    let kind: Kind
    let key: Key
    let uid: Bytes

    /// - Parameter namespace: empty for a node.
    init(
        _ kind: Kind, _ object: ServiceAccountClaims.BoundObject, in namespace: String = ""
    ) {
        self.kind = kind
        let place = namespace.isEmpty ? object.name : "\(namespace)/\(object.name)"
        key = Key("\(kind.resource)/\(place)")
        uid = Bytes(object.uid)
    }
}

/// The objects of a cache as credentials see them: there, being deleted, or gone.
struct LivingObjects: Sendable {
    private let resources: [BoundObject.Kind: ResourceCache]

    /// - Precondition: `cache` holds service accounts, pods, secrets and nodes.
    init(_ cache: Cache) {
        resources = Dictionary(
            uniqueKeysWithValues: BoundObject.Kind.allCases.map { kind in
                guard let resource = cache.resource(kind.resource) else {
                    preconditionFailure("the cache does not hold \(kind.resource)")
                }
                return (kind, resource)
            })
    }

    func object(_ kind: BoundObject.Kind, _ key: Key) -> CachedObject? {
        resources[kind]?.snapshot().object(key)
    }

    /// Why `object` gives no credentials any more; `nil` while it does.
    func absence(of object: BoundObject, now: WallTime) -> AuthenticationFailure? {
        guard let found = self.object(object.kind, object.key) else {
            return .revoked("the \(object.kind.rawValue) of the token is gone")
        }
        guard found.uid == object.uid || object.uid.isEmpty else {
            return .revoked("the \(object.kind.rawValue) of the token was made anew")
        }
        guard let end = found.deletionTime, end < now - Limits.deletionGrace else { return nil }
        return .revoked("the \(object.kind.rawValue) of the token is being deleted")
    }
}

extension AuthenticationFailure {
    fileprivate static func revoked(_ detail: String) -> AuthenticationFailure {
        AuthenticationFailure(reason: "revoked_token", detail: detail)
    }
}

extension CachedObject {
    /// Whether its deletion has begun.
    public var isBeingDeleted: Bool { deletionTime != nil }

    /// When the object was or will be deleted. Most are not, which is seen without decoding them.
    var deletionTime: WallTime? {
        guard body.mentions("\"deletion", before: UInt8(ascii: "T")) else { return nil }
        let text = value[path: "metadata", "deletionTimestamp"]?.string
        return text.flatMap { Timestamp($0) }.map { WallTime(seconds: $0.seconds) }
    }
}

extension Bytes {
    /// Whether `start` stands somewhere with `letter` behind it. Looks for the letter, which should
    /// be a rare one.
    package func mentions(_ start: StaticString, before letter: UInt8) -> Bool {
        let count = start.utf8CodeUnitCount
        return withUnsafeBytes { bytes in
            var position = count
            while position < bytes.count,
                let found = memchr(
                    bytes.baseAddress! + position, CInt(letter), bytes.count - position)
            {
                if memcmp(found - count, start.utf8Start, count) == 0 { return true }
                position = UnsafeRawPointer(found) - bytes.baseAddress! + 1
            }
            return false
        }
    }
}

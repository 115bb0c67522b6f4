// Machines that join a cluster, by a bootstrap token.

import APIModel
import Buffers
import Crypto
import JSON
import Storage
import WatchCache

/// Knows the tokens `<id>.<secret>` that Secrets of type `bootstrap.kubernetes.io/token` in
/// `kube-system` hold (Kubernetes: "Authenticating with Bootstrap Tokens").
public struct BootstrapTokenAuthenticator: Authenticator {
    private let objects: LivingObjects

    /// - Precondition: `cache` holds service accounts, pods, secrets and nodes.
    public init(_ cache: Cache) { objects = LivingObjects(cache) }

    public func authenticate(_ credentials: Credentials, now: WallTime) -> Authentication {
        guard let text = credentials.bearerToken, let token = Token(text) else { return .unknown }
        let key = Key("core/secrets/kube-system/bootstrap-token-\(token.id)")
        guard let object = objects.object(.secret, key) else { return .unknown }
        let secret = TokenSecret(object.value)
        // As if there were no such token: nobody learns which ids there are.
        guard secret.isBootstrapToken, secret.text("token-id") == token.id,
            isEqualInConstantTime(secret.data("token-secret"), token.secret)
        else { return .unknown }
        do {
            return try authenticate(token.id, secret, now)
        } catch {
            return .refused(error)
        }
    }

    private func authenticate(
        _ id: String, _ secret: TokenSecret, _ now: WallTime
    ) throws(AuthenticationFailure) -> Authentication {
        let name = "the bootstrap token \(id)"
        guard !secret.isBeingDeleted else {
            throw AuthenticationFailure(reason: "revoked_token", detail: "\(name) is being deleted")
        }
        var until: WallTime?
        if let expiration = secret.expiration {
            guard case .at(let end) = expiration else {
                throw AuthenticationFailure(
                    reason: "malformed_token", detail: "the expiration of \(name) is no time")
            }
            guard now < end else {
                throw AuthenticationFailure(reason: "expired_token", detail: "\(name) has expired")
            }
            until = end
        }
        guard secret.text("usage-bootstrap-authentication") == "true" else {
            throw AuthenticationFailure(
                reason: "unknown_token", detail: "\(name) is not for authentication")
        }
        guard let groups = secret.groups else {
            throw AuthenticationFailure(
                reason: "malformed_token",
                detail: "\(name) has a group that is not one of \(Self.group)'s")
        }
        return .user(
            User(name: "system:bootstrap:\(id)", groups: [Self.group] + groups), until: until)
    }

    fileprivate static let group = "system:bootstrappers"

    /// A token as it is shown: six characters, a dot and sixteen characters.
    private struct Token {
        let id: String
        let secret: Bytes

        init?(_ text: Bytes) {
            guard text.count == 23, text[6] == UInt8(ascii: ".") else { return nil }
            secret = text.dropFirst(7)
            id = String(text[0..<6])
            let isPlain = text.array.enumerated().allSatisfy { index, byte in
                index == 6 || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
                    || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
            }
            guard isPlain else { return nil }
        }
    }
}

/// A Secret that holds a bootstrap token.
private struct TokenSecret {
    enum Expiration {
        case at(WallTime)
        case unreadable
    }

    private let value: JSONValue

    init(_ value: JSONValue) { self.value = value }

    var isBootstrapToken: Bool { value["type"]?.string == "bootstrap.kubernetes.io/token" }
    var isBeingDeleted: Bool { value[path: "metadata", "deletionTimestamp"] != nil }

    /// Empty when there is none.
    func data(_ name: String) -> Bytes {
        let encoded = value[path: "data", name]?.string ?? ""
        return Base64.decode(encoded).map { Bytes($0) } ?? .empty
    }

    func text(_ name: String) -> String { String(data(name)) }

    var expiration: Expiration? {
        let text = text("expiration")
        guard !text.isEmpty else { return nil }
        return Timestamp(text).map { .at(WallTime(seconds: $0.seconds)) } ?? .unreadable
    }

    /// Further groups; `nil` when one of them may not be given away by a token.
    var groups: [String]? {
        let groups = text("auth-extra-groups").split(separator: ",").map(String.init)
        return groups.allSatisfy(Self.mayBeGiven) ? groups : nil
    }

    /// `system:bootstrappers:` and 1 to 256 small letters, digits, hyphens or colons, of which the
    /// last is a letter or a digit.
    private static func mayBeGiven(_ group: String) -> Bool {
        let prefix = "\(BootstrapTokenAuthenticator.group):"
        let rest = Array(group.dropFirst(prefix.count).utf8)
        guard group.hasPrefix(prefix), (1...256).contains(rest.count), let last = rest.last else {
            return false
        }
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
                || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
        }
        return isAlphanumeric(last)
            && rest.allSatisfy {
                isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ":")
            }
    }
}

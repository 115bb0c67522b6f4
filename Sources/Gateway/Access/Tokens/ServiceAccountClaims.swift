// What a service account's token says, in the words of Kubernetes.

import Crypto
import JSON

/// The claims of a service account's token.
public struct ServiceAccountClaims: Hashable, Sendable {
    /// An object that must still be there, with this uid, for the token to count.
    public struct BoundObject: Hashable, Sendable {
        public var name: String
        /// Empty only for a node that was not known when the token was made.
        public var uid: String

        public init(name: String, uid: String) {
            self.name = name
            self.uid = uid
        }
    }

    public var issuer: String
    public var audiences: [String]
    /// From here on it counts no more.
    public var expiry: WallTime
    public var issuedAt: WallTime
    public var notBefore: WallTime
    /// Names this one token (`jti`).
    public var id: String
    public var namespace: String
    public var serviceAccount: BoundObject
    public var pod: BoundObject?
    public var secret: BoundObject?
    public var node: BoundObject?
    /// From here on its user should have fetched a newer one.
    public var warnAfter: WallTime?

    /// `sub`, and the name of the user.
    public var userName: String { Self.userName(namespace, serviceAccount.name) }

    static func userName(_ namespace: String, _ name: String) -> String {
        "system:serviceaccount:\(namespace):\(name)"
    }

    /// Who shows this token. `system:authenticated` is for authentication to add.
    public var user: User {
        var extra: [String: [String]] = [:]
        extra[User.credentialID] = id.isEmpty ? nil : ["JTI=\(id)"]
        for (kind, object) in [("pod", pod), ("node", node)] {
            guard let object else { continue }
            extra["authentication.kubernetes.io/\(kind)-name"] = [object.name]
            guard !object.uid.isEmpty else { continue }
            extra["authentication.kubernetes.io/\(kind)-uid"] = [object.uid]
        }
        return User(
            name: userName, uid: serviceAccount.uid,
            groups: Self.groups(in: namespace), extra: extra)
    }

    /// The groups that every service account of `namespace` is in.
    static func groups(in namespace: String) -> [String] {
        ["system:serviceaccounts", "system:serviceaccounts:\(namespace)"]
    }
}

extension ServiceAccountClaims {
    private static let kubernetes = "kubernetes.io"

    /// In the order in which Kubernetes writes them.
    var json: JSONObject {
        var bound: JSONObject = ["namespace": .string(namespace)]
        bound["node"] = node.map(Self.json)
        bound["pod"] = pod.map(Self.json)
        bound["secret"] = secret.map(Self.json)
        bound["serviceaccount"] = Self.json(serviceAccount)
        bound["warnafter"] = warnAfter.map { .number(JSONNumber($0.seconds)) }
        return [
            "aud": .array(audiences.map(JSONValue.string)),
            "exp": .number(JSONNumber(expiry.seconds)),
            "iat": .number(JSONNumber(issuedAt.seconds)),
            "iss": .string(issuer),
            "jti": .string(id),
            Self.kubernetes: .object(bound),
            "nbf": .number(JSONNumber(notBefore.seconds)),
            "sub": .string(userName),
        ]
    }

    private static func json(_ object: BoundObject) -> JSONValue {
        var members: JSONObject = ["name": .string(object.name)]
        if !object.uid.isEmpty { members["uid"] = .string(object.uid) }
        return .object(members)
    }

    /// - Throws: `TokenError.malformed` with the claim that is missing or of the wrong type.
    init(_ json: JSONObject) throws(TokenError) {
        issuer = try Self.text("iss", in: json)
        audiences = try Self.audiences(in: json)
        guard let expiry = try Self.time("exp", in: json) else { throw .malformed("no exp") }
        self.expiry = expiry
        notBefore = try Self.time("nbf", in: json) ?? WallTime(seconds: 0)
        issuedAt = try Self.time("iat", in: json) ?? notBefore
        id = json.contains("jti") ? try Self.text("jti", in: json) : ""
        guard let bound = json[Self.kubernetes]?.object else {
            throw .malformed("no \(Self.kubernetes)")
        }
        namespace = try Self.text("namespace", in: bound)
        guard let account = try Self.object("serviceaccount", in: bound), !account.uid.isEmpty
        else { throw .malformed("no serviceaccount with a uid") }
        serviceAccount = account
        pod = try Self.object("pod", in: bound)
        secret = try Self.object("secret", in: bound)
        node = try Self.object("node", in: bound)
        warnAfter = try Self.time("warnafter", in: bound)
        guard try Self.text("sub", in: json) == userName else {
            throw .malformed("sub is not the service account")
        }
        guard pod?.uid != "", secret?.uid != "" else { throw .malformed("object without a uid") }
    }

    private static func text(_ name: String, in json: JSONObject) throws(TokenError) -> String {
        guard let text = json[name]?.string, !text.isEmpty else { throw .malformed("no \(name)") }
        return text
    }

    /// A number of seconds, perhaps with a fraction, which is dropped (RFC 7519, section 2).
    private static func time(
        _ name: String, in json: JSONObject
    ) throws(TokenError) -> WallTime? {
        guard let value = json[name] else { return nil }
        if let seconds = value.int { return WallTime(seconds: seconds) }
        guard let double = value.double, let seconds = Int64(exactly: double.rounded(.down)) else {
            throw .malformed("\(name) is no time")
        }
        return WallTime(seconds: seconds)
    }

    private static func object(
        _ name: String, in json: JSONObject
    ) throws(TokenError) -> BoundObject? {
        guard let value = json[name] else { return nil }
        guard let object = value.object else { throw .malformed("\(name) is no object") }
        let uid = object.contains("uid") ? try text("uid", in: object) : ""
        return BoundObject(name: try text("name", in: object), uid: uid)
    }

    /// One text or a list of them (RFC 7519, section 4.1.3).
    private static func audiences(in json: JSONObject) throws(TokenError) -> [String] {
        if let one = json["aud"]?.string { return [one] }
        let list = json["aud"]?.array ?? []
        let audiences = list.compactMap(\.string)
        guard !audiences.isEmpty, audiences.count == list.count,
            audiences.count <= Limits.audienceCountMax
        else { throw .malformed("aud is no list of audiences") }
        return audiences
    }
}

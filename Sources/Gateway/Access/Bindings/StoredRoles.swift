// Roles and bindings as the index keeps them.

import APIModel
import Buffers
import JSON
import Storage
import WatchCache

/// Names a role, or with an empty namespace a cluster role.
struct RoleKey: Hashable, Sendable {
    let namespace: ExactText
    let name: ExactText

    init(namespace: String, name: String) {
        self.namespace = ExactText(namespace)
        self.name = ExactText(name)
    }

    var kind: String { namespace.isEmpty ? "ClusterRole" : "Role" }

    /// What a client is told when there is no such role.
    var absence: String {
        "\(kind.lowercased()).rbac.authorization.k8s.io \(name.quoted) not found"
    }
}

/// A role with its rules, ready to be looked up.
final class StoredRole: Sendable {
    let rules: [PolicyRule]
    let table: GrantTable

    init(_ rules: [PolicyRule]) {
        self.rules = rules
        table = GrantTable([rules])
    }
}

/// Names a RoleBinding, or with an empty namespace a ClusterRoleBinding.
struct BindingKey: Hashable, Sendable {
    let namespace: ExactText
    let name: ExactText

    init(namespace: String, name: String) {
        self.namespace = ExactText(namespace)
        self.name = ExactText(name)
    }
}

/// A binding: a role, and to whom it is granted.
final class StoredBinding: Sendable {
    struct Subject: Hashable, Sendable {
        let scope: SubjectScope
        /// As reasons print it: `User "bob"`.
        let printed: String
    }

    let key: BindingKey
    let role: RoleKey
    let subjects: [Subject]

    init(_ key: BindingKey, _ value: JSONValue) {
        self.key = key
        let reference = value["roleRef"] ?? .null
        let isClusterRole = reference["kind"]?.string == "ClusterRole"
        role = RoleKey(
            namespace: isClusterRole ? "" : key.namespace.string,
            name: reference["name"]?.string ?? "")
        var seen: Set<SubjectScope> = []
        subjects = (value["subjects"]?.array ?? []).compactMap { subject in
            let found = Self.subject(subject, in: key.namespace.string)
            return found.flatMap { seen.insert($0.scope).inserted ? $0 : nil }
        }
    }

    /// A service account is the user that its tokens name.
    private static func subject(_ value: JSONValue, in namespace: String) -> Subject? {
        let name = value["name"]?.string ?? ""
        switch value["kind"]?.string {
        case "User":
            return Subject(
                scope: SubjectScope(.user, name, in: namespace), printed: "User \(name.quoted)")
        case "Group":
            return Subject(
                scope: SubjectScope(.group, name, in: namespace), printed: "Group \(name.quoted)")
        case "ServiceAccount":
            let stated = value["namespace"]?.string ?? ""
            let home = stated.isEmpty ? namespace : stated
            guard !home.isEmpty else { return nil }
            return Subject(
                scope: SubjectScope(
                    .user, "system:serviceaccount:\(home):\(name)", in: namespace),
                printed: "ServiceAccount \("\(name)/\(home)".quoted)")
        default: return nil
        }
    }

    /// Why somebody is allowed something.
    func reason(for subject: Subject) -> String {
        let isCluster = key.namespace.isEmpty
        let name = isCluster ? key.name.string : "\(key.name)/\(key.namespace)"
        return "RBAC: allowed by \(isCluster ? "ClusterRoleBinding" : "RoleBinding") "
            + "\(name.quoted) of \(role.kind) \(role.name.quoted) to \(subject.printed)"
    }
}

/// Somebody to whom something is granted, and where: in one namespace, or in all.
struct SubjectScope: Hashable, Sendable {
    enum Kind: Hashable, Sendable { case user, group }

    let kind: Kind
    let name: ExactText
    /// Empty for the whole cluster.
    let namespace: ExactText
    let hash: Int

    init(_ kind: Kind, _ name: String, in namespace: String) {
        self.init(kind, ExactText(name), in: ExactText(namespace))
    }

    init(_ kind: Kind, _ name: ExactText, in namespace: ExactText) {
        self.kind = kind
        self.name = name
        self.namespace = namespace
        var hasher = Hasher()
        hasher.combine(kind)
        hasher.combine(name)
        hasher.combine(namespace)
        hash = hasher.finalize()
    }

    static func == (left: SubjectScope, right: SubjectScope) -> Bool {
        left.hash == right.hash && left.kind == right.kind && left.name == right.name
            && left.namespace == right.namespace
    }

    func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}

extension CachedObject {
    /// The whole object but its kind.
    /// - Precondition: the bytes are what this server wrote.
    public var value: JSONValue {
        var buffer = ByteBuffer(reserving: body.count + 1)
        buffer.append(UInt8(ascii: "{"))
        buffer.append(body)
        guard let value = try? JSONValue(parsing: buffer.freeze()) else {
            preconditionFailure("\(key) is no JSON")
        }
        return value
    }
}

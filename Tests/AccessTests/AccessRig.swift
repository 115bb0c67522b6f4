// A store and a cache with the built-in kinds, for the tests of this module.

import APIModel
import Buffers
import JSON
import Resources
import Schema
import Storage
import Testing
import WatchCache

@testable import Access

/// Writes objects and follows them, as a server does.
final class AccessRig: Sendable {
    let store = MemoryStore()
    let cache: Cache
    private let follower: Task<Void, Never>

    private static let prefixes: [String: String] = [
        "rbac.authorization.k8s.io/roles":
            #"{"kind":"Role","apiVersion":"rbac.authorization.k8s.io/v1","#,
        "rbac.authorization.k8s.io/clusterroles":
            #"{"kind":"ClusterRole","apiVersion":"rbac.authorization.k8s.io/v1","#,
        "rbac.authorization.k8s.io/rolebindings":
            #"{"kind":"RoleBinding","apiVersion":"rbac.authorization.k8s.io/v1","#,
        "rbac.authorization.k8s.io/clusterrolebindings":
            #"{"kind":"ClusterRoleBinding","apiVersion":"rbac.authorization.k8s.io/v1","#,
        "core/pods": #"{"kind":"Pod","apiVersion":"v1","#,
        "core/nodes": #"{"kind":"Node","apiVersion":"v1","#,
        "core/serviceaccounts": #"{"kind":"ServiceAccount","apiVersion":"v1","#,
        "core/secrets": #"{"kind":"Secret","apiVersion":"v1","#,
    ]

    init() async throws {
        let catalog = try Catalog.builtIn()
        let descriptions = catalog.storedResources.compactMap { resource in
            Self.description(of: resource)
        }
        cache = Cache(store: store, resources: descriptions)
        try await cache.load()
        let cache = cache
        follower = Task { await cache.run() }
    }

    private static func description(of resource: Resource) -> ResourceDescription? {
        let definition = resource.definition
        let group = definition.group.isEmpty ? "core" : definition.group
        let name = "\(group)/\(definition.plural)"
        guard let prefix = prefixes[name] else { return nil }
        return ResourceDescription(
            name: name, isNamespaced: definition.isNamespaced, objectPrefix: Bytes(prefix),
            fieldNames: definition.selectableFields,
            readFields: { bytes in
                let read = resource.readFields(bytes)
                return ObjectFields(
                    uid: read.uid, labelBytes: read.labelBytes,
                    readLabels: { IndexedFields.readLabels($0) }, fields: read.fields)
            })
    }

    /// Runs `body` with a rig, and ends it afterwards, whatever happens.
    static func run(_ body: (AccessRig) async throws -> Void) async throws {
        let rig = try await AccessRig()
        do {
            try await body(rig)
        } catch {
            await rig.stop()
            throw error
        }
        await rig.stop()
    }

    private func stop() async {
        follower.cancel()
        await store.close()
    }

    /// Writes an object, or with `nil` deletes it, and waits until the cache shows it.
    func put(_ resource: String, _ path: String, _ object: JSONValue?) async throws {
        let key = Key("\(resource)/\(path)")
        var operation = Storage.Operation.delete(key)
        if let object {
            let prefix = try #require(Self.prefixes[resource])
            let metadata = (object["metadata"] ?? [:]).bytes.description
            var rest = object
            rest["metadata"] = nil
            let members = rest.bytes.description.dropFirst()
            let text = "\(prefix)\"metadata\":\(metadata)" + (members == "}" ? "}" : ",\(members)")
            operation = .put(key, Bytes(text))
        }
        let result = try await store.commit(Transaction(comparisons: [], operations: [operation]))
        guard case .committed(let revision) = result else {
            Issue.record("not committed: \(path)")
            return
        }
        _ = await cache.waitUntilApplied(revision)
    }

    func role(_ path: String, _ rules: [PolicyRule]?) async throws {
        let plural = path.contains("/") ? "roles" : "clusterroles"
        try await put(
            "rbac.authorization.k8s.io/\(plural)", path,
            rules.map { ["rules": .array($0.map(\.json))] })
    }

    /// Binds `role`, a cluster role unless it is written `Role/name`, to `subjects`, which are
    /// written `User/name`, `Group/name` or `ServiceAccount/name`, the latter of namespace `ns`.
    func bind(_ path: String, _ role: String, _ subjects: [String]) async throws {
        let plural = path.contains("/") ? "rolebindings" : "clusterrolebindings"
        let parts = role.split(separator: "/").map(String.init)
        try await put(
            "rbac.authorization.k8s.io/\(plural)", path,
            [
                "roleRef": [
                    "kind": .string(parts.count > 1 ? parts[0] : "ClusterRole"),
                    "name": .string(parts[parts.count - 1]),
                ],
                "subjects": .array(subjects.map(Self.subject)),
            ])
    }

    func unbind(_ path: String) async throws {
        let plural = path.contains("/") ? "rolebindings" : "clusterrolebindings"
        try await put("rbac.authorization.k8s.io/\(plural)", path, nil)
    }

    private static func subject(_ text: String) -> JSONValue {
        let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
        var subject: JSONValue = ["kind": .string(parts[0]), "name": .string(parts[1])]
        if parts[0] == "ServiceAccount" { subject["namespace"] = "ns" }
        return subject
    }
}

extension AccessAttributes {
    /// `get pods/log` in `namespace`, written as `pods/log` or `deployments.apps`.
    static func resource(
        _ user: User, _ verb: String, _ resource: String, in namespace: String = "ns",
        name: String = ""
    ) -> AccessAttributes {
        let path = resource.split(separator: "/").map(String.init)
        let parts = path[0].split(separator: ".", maxSplits: 1).map(String.init)
        return AccessAttributes(
            user: user, verb: verb,
            subject: .resource(
                group: parts.count > 1 ? parts[1] : "", version: "v1", resource: parts[0],
                subresource: path.count > 1 ? path[1] : "", namespace: namespace, name: name))
    }

    static func path(_ user: User, _ verb: String, _ path: String) -> AccessAttributes {
        AccessAttributes(user: user, verb: verb, subject: .path(path))
    }
}

// Discovery of groups: `/api`, `/apis`, `/apis/<group>`, and all of it in one document.

import APIModel
import Buffers
import JSON
import Schema

/// What is served, group by group.
struct DiscoveryDocuments {
    private let byGroupVersion: [(groupVersion: GroupVersion, definitions: [ResourceDefinition])]

    init(_ definitions: [ResourceDefinition]) {
        let sorted = Dictionary(grouping: definitions) { $0.groupVersion }
            .sorted { $0.key < $1.key }
        byGroupVersion = sorted.map { (groupVersion: $0.key, definitions: $0.value) }
    }

    /// The groups but the core group, in alphabetical order.
    private var groups: [String] {
        var seen: [String] = []
        for (groupVersion, _) in byGroupVersion
        where !groupVersion.group.isEmpty && seen.last != groupVersion.group {
            seen.append(groupVersion.group)
        }
        return seen
    }

    private func versions(of group: String) -> [GroupVersion] {
        byGroupVersion.map(\.groupVersion).filter { $0.group == group }
    }

    /// The paths of discovery.
    var paths: [String] {
        var paths = ["/api", "/apis"] + groups.map { "/apis/\($0)" }
        for (groupVersion, _) in byGroupVersion {
            paths.append(
                groupVersion.group.isEmpty
                    ? "/api/\(groupVersion.version)" : "/apis/\(groupVersion)")
        }
        return paths
    }

    /// `/api`
    func coreVersions(serverAddress: String) -> JSONValue {
        [
            "kind": "APIVersions", "versions": .strings(versions(of: "").map(\.version)),
            "serverAddressByClientCIDRs": [
                ["clientCIDR": "0.0.0.0/0", "serverAddress": .string(serverAddress)]
            ],
        ]
    }

    /// `/apis`
    var groupList: JSONValue {
        [
            "kind": "APIGroupList", "apiVersion": "v1",
            "groups": .array(groups.map { .object(members(of: $0)) }),
        ]
    }

    /// `/apis/<group>`; `nil` when there is none of that name.
    func group(_ name: String) -> JSONValue? {
        guard !name.isEmpty, groups.contains(name) else { return nil }
        var group: JSONObject = ["kind": "APIGroup", "apiVersion": "v1"]
        for (name, value) in members(of: name) { group[name] = value }
        return .object(group)
    }

    private func members(of group: String) -> JSONObject {
        let versions = versions(of: group).map { groupVersion -> JSONValue in
            [
                "groupVersion": .string(groupVersion.description),
                "version": .string(groupVersion.version),
            ]
        }
        return [
            "name": .string(group), "versions": .array(versions),
            "preferredVersion": versions.first ?? .null,
        ]
    }

    /// `/api/v1`, `/apis/<group>/<version>`; `nil` when it is not served.
    func resources(_ groupVersion: GroupVersion) -> JSONValue? {
        guard let entry = byGroupVersion.first(where: { $0.groupVersion == groupVersion }) else {
            return nil
        }
        return ResourceList(groupVersion: groupVersion, definitions: entry.definitions).document
    }

    /// The aggregated form of `/api` (core) or `/apis` (the rest): Kubernetes enhancement 3352.
    func aggregated(core: Bool) -> JSONValue {
        let names = core ? [""] : groups
        let items = names.map { name -> JSONValue in
            let versions = byGroupVersion.filter { $0.groupVersion.group == name }
            return [
                "metadata": name.isEmpty ? [:] : ["name": .string(name)],
                "versions": .array(
                    versions.map {
                        AggregatedVersion(version: $0.groupVersion.version, $0.definitions).document
                    }),
            ]
        }
        return [
            "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2",
            "metadata": [:], "items": .array(items),
        ]
    }
}

/// One version in aggregated discovery.
private struct AggregatedVersion {
    let version: String
    let definitions: [ResourceDefinition]

    init(version: String, _ definitions: [ResourceDefinition]) {
        self.version = version
        self.definitions = definitions.sorted { $0.plural < $1.plural }
    }

    var document: JSONValue {
        [
            "version": .string(version), "freshness": "Current",
            "resources": .array(definitions.map(resource)),
        ]
    }

    private func resource(_ definition: ResourceDefinition) -> JSONValue {
        var resource: JSONObject = [
            "resource": .string(definition.plural),
            "responseKind": kind(definition.groupVersionKind),
            "scope": definition.isNamespaced ? "Namespaced" : "Cluster",
            "singularResource": .string(definition.singular),
            "verbs": .strings(definition.servedVerbs.sorted()),
        ]
        if !definition.shortNames.isEmpty {
            resource["shortNames"] = .strings(definition.shortNames)
        }
        if !definition.categories.isEmpty {
            resource["categories"] = .strings(definition.categories)
        }
        if !definition.subresources.isEmpty {
            resource["subresources"] = .array(
                definition.subresources.sorted { $0.name < $1.name }.map { subresource in
                    [
                        "subresource": .string(subresource.name),
                        "responseKind": kind(subresource.kind(in: definition)),
                        "verbs": .strings(subresource.servedVerbs.sorted()),
                    ]
                })
        }
        return .object(resource)
    }

    private func kind(_ kind: GroupVersionKind) -> JSONValue {
        [
            "group": .string(kind.group), "version": .string(kind.version),
            "kind": .string(kind.kind),
        ]
    }
}

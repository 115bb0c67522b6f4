// Discovery of what this server serves together with what others do.

import APIModel
import JSON
import Outbound

/// Adds the groups and versions of other servers to documents of discovery.
struct MergedDiscovery {
    private let groups: [(name: String, versions: [ExtensionState])]

    /// - Parameter states: a group's versions behind one another, the preferred first.
    init(_ states: [ExtensionState]) {
        var groups: [(name: String, versions: [ExtensionState])] = []
        for state in states {
            let name = state.api.groupVersion.group
            if let last = groups.indices.last, groups[last].name == name {
                groups[last].versions.append(state)
            } else {
                groups.append((name, [state]))
            }
        }
        self.groups = groups
    }

    /// `/apis`
    func groupList(_ own: JSONValue) -> JSONValue {
        merged(own, "groups", nameOf: { $0["name"]?.string }, by: Self.group)
    }

    /// `/apis/<group>`; `nil` when nobody serves it.
    /// - Parameter own: what this server serves of it.
    func group(_ name: String, _ own: JSONValue?) -> JSONValue? {
        guard let found = groups.first(where: { $0.name == name }) else { return own }
        var group: JSONObject = ["kind": "APIGroup", "apiVersion": "v1"]
        for (member, value) in Self.group(name, found.versions, own).object ?? JSONObject() {
            group[member] = value
        }
        return .object(group)
    }

    private static func group(
        _ name: String, _ states: [ExtensionState], _ own: JSONValue?
    ) -> JSONValue {
        var versions = own?["versions"]?.array ?? []
        for state in states {
            let groupVersion = state.api.groupVersion
            let version: JSONValue = [
                "groupVersion": .string(groupVersion.description),
                "version": .string(groupVersion.version),
            ]
            if !versions.contains(version) { versions.append(version) }
        }
        return [
            "name": .string(name), "versions": .array(versions),
            "preferredVersion": versions.first ?? .null,
        ]
    }

    /// The aggregated form of `/apis`.
    func aggregated(_ own: JSONValue) -> JSONValue {
        merged(
            own, "items", nameOf: { $0[path: "metadata", "name"]?.string }, by: Self.discovery)
    }

    private static func discovery(
        _ name: String, _ states: [ExtensionState], _ own: JSONValue?
    ) -> JSONValue {
        var versions = own?["versions"]?.array ?? []
        let present = Set(versions.compactMap { $0["version"]?.string })
        for state in states where !present.contains(state.api.groupVersion.version) {
            versions.append(version(state))
        }
        return ["metadata": ["name": .string(name)], "versions": .array(versions)]
    }

    private func merged(
        _ own: JSONValue, _ list: String, nameOf: (JSONValue) -> String?,
        by merge: (String, [ExtensionState], JSONValue?) -> JSONValue
    ) -> JSONValue {
        var items = own[list]?.array ?? []
        for (name, states) in groups {
            if let place = items.firstIndex(where: { nameOf($0) == name }) {
                items[place] = merge(name, states, items[place])
            } else {
                items.append(merge(name, states, nil))
            }
        }
        var document = own
        document[list] = .array(items)
        return document
    }

    /// A version as it was last told; stale while its server does not answer.
    private static func version(_ state: ExtensionState) -> JSONValue {
        let listed = state.resources?["resources"]?.array ?? []
        let names = listed.map { $0["name"]?.string ?? "" }
        let resources = zip(names, listed).filter { !$0.0.contains("/") }.map { name, resource in
            var shown = Self.resource(resource, state.api.groupVersion, "resource", name)
            let parts = zip(names, listed).filter { $0.0.hasPrefix(name + "/") }.map { part in
                Self.resource(
                    part.1, state.api.groupVersion, "subresource",
                    String(part.0.dropFirst(name.count + 1)))
            }
            if !parts.isEmpty { shown["subresources"] = .array(parts) }
            return shown
        }
        return [
            "version": .string(state.api.groupVersion.version), "resources": .array(resources),
            "freshness": state.problem == nil ? "Current" : "Stale",
        ]
    }

    private static func resource(
        _ listed: JSONValue, _ groupVersion: GroupVersion, _ member: String, _ name: String
    ) -> JSONValue {
        var shown: JSONObject = [
            member: .string(name),
            "responseKind": [
                "group": listed["group"] ?? .string(groupVersion.group),
                "version": listed["version"] ?? .string(groupVersion.version),
                "kind": listed["kind"] ?? "",
            ],
            "verbs": listed["verbs"] ?? [],
        ]
        if member == "resource" {
            shown["scope"] = listed["namespaced"]?.bool == true ? "Namespaced" : "Cluster"
            shown["singularResource"] = listed["singularName"] ?? ""
            for list in ["shortNames", "categories"] { shown[list] = listed[list] }
        }
        return .object(shown)
    }

    /// `/openapi/v3`
    func openAPI(_ own: JSONValue) -> JSONValue {
        var paths = own["paths"]?.object ?? JSONObject()
        for state in groups.flatMap(\.versions) where state.hasOpenAPI {
            let path = "apis/\(state.api.groupVersion)"
            guard !paths.contains(path) else { continue }
            paths[path] = ["serverRelativeURL": .string("/openapi/v3/\(path)")]
        }
        return ["paths": .object(paths)]
    }
}

// Nodes: taints, pod networks, and what tables show of their status.

import APIModel
import JSON

struct NodeStrategy: Strategy {
    /// A node's agent registers it together with what it knows about the machine.
    var keepsStatusOnCreate: Bool { true }

    func applyDefaults(to object: inout JSONValue) {
        object.fill("spec", .object(JSONObject()))
        object.change("spec", alignNetworks)
    }

    /// `podCIDR` is the first of `podCIDRs`; where they differ, the single one was meant.
    private func alignNetworks(_ spec: inout JSONValue) {
        let single = spec.text("podCIDR")
        let first = spec.list("podCIDRs").first?.string ?? ""
        if single.isEmpty {
            if !first.isEmpty { spec.put("podCIDR", .string(first)) }
        } else if single != first {
            spec.put("podCIDRs", [.string(single)])
        }
    }

    func validate(_ object: JSONValue) -> [FieldError] {
        let path = FieldPath("spec", "taints")
        var seen: Set<[String]> = []
        var errors: [FieldError] = []
        for (index, taint) in (object["spec"]?.list("taints") ?? []).enumerated()
        where !seen.insert([taint.text("key"), taint.text("effect")]).inserted {
            errors.append(.duplicate(path.index(index), taint))
        }
        return errors + networkErrors(object)
    }

    private func networkErrors(_ object: JSONValue) -> [FieldError] {
        let networks = object["spec"]?.list("podCIDRs") ?? []
        guard networks.count > 1 else { return [] }
        let path = FieldPath("spec", "podCIDRs")
        if networks.count > 2 {
            return [
                .invalid(
                    path, .array(networks), "may specify no more than one CIDR for each IP family")
            ]
        }
        let families = networks.map { $0.string?.utf8.contains(UInt8(ascii: ":")) ?? false }
        return families[0] != families[1]
            ? []
            : [
                .invalid(
                    path, .array(networks), "may specify no more than one CIDR for each IP family")
            ]
    }

    func validateUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError] {
        var errors: [FieldError] = []
        for (member, name) in [("podCIDRs", "podCIDR"), ("providerID", "providerID")] {
            guard let before = old["spec"], before.isFilled(member) else { continue }
            if !JSONValue.same(before[member], object["spec"]?[member]) {
                errors.append(
                    .forbidden(
                        FieldPath("spec", member),
                        "node updates may not change \(name) except from \"\" to valid"))
            }
        }
        return errors
    }

    func absentValue(ofField field: String) -> String {
        field == "spec.unschedulable" ? "false" : ""
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        let system = object[path: "status", "nodeInfo"] ?? .null
        return switch name {
        case "nodeStatus": NodeCells.status(object)
        case "nodeRoles": NodeCells.roles(object)
        case "nodeVersion": .string(system.text("kubeletVersion"))
        case "nodeInternalIP": NodeCells.address(object, "InternalIP")
        case "nodeExternalIP": NodeCells.address(object, "ExternalIP")
        case "nodeOSImage": CommonCells.textOrUnknown(system["osImage"])
        case "nodeKernelVersion": CommonCells.textOrUnknown(system["kernelVersion"])
        case "nodeContainerRuntime": CommonCells.textOrUnknown(system["containerRuntimeVersion"])
        default: nil
        }
    }
}

enum NodeCells {
    private static let roleLabelPrefix = "node-role.kubernetes.io/"
    private static let roleLabel = "kubernetes.io/role"

    static func status(_ node: JSONValue) -> JSONValue {
        let conditions = node["status"]?.list("conditions") ?? []
        let ready = conditions.last { $0.text("type") == "Ready" }
        var text = ready.map { $0.text("status") == "True" ? "Ready" : "NotReady" } ?? "Unknown"
        if node[path: "spec", "unschedulable"]?.bool == true { text += ",SchedulingDisabled" }
        return .string(text)
    }

    static func roles(_ node: JSONValue) -> JSONValue {
        var roles: Set<String> = []
        for (key, value) in ObjectMeta(of: node).labels {
            if key.hasPrefix(roleLabelPrefix) {
                roles.insert(String(key.dropFirst(roleLabelPrefix.count)))
            } else if key == roleLabel {
                roles.insert(value)
            }
        }
        return CommonCells.listed(roles.filter { !$0.isEmpty }.sorted())
    }

    static func address(_ node: JSONValue, _ type: String) -> JSONValue {
        let addresses = node["status"]?.list("addresses") ?? []
        return CommonCells.textOrNone(addresses.first { $0.text("type") == type }?["address"])
    }
}

// CSI drivers, the nodes that have them, and what they have attached.

import APIModel
import JSON

/// Names of CSI drivers.
enum DriverName {
    /// A DNS name, also with capitals. Its length is the schema's matter.
    static func errors(_ value: JSONValue?, _ path: FieldPath) -> [FieldError] {
        guard let value, let name = value.string, !name.isEmpty else { return [] }
        return ValueFormat.dns1123Subdomain.check(name.lowercased()).map {
            .invalid(path, value, $0)
        }
    }
}

struct DriverStrategy: Strategy {
    var deletionAnswersWithObject: Bool { true }

    func validate(_ object: JSONValue) -> [FieldError] {
        let name = object[path: "metadata", "name"]
        var errors = DriverName.errors(name, FieldPath("metadata", "name"))
        var audiences: Set<String> = []
        let tokens = object["spec"]?.list("tokenRequests") ?? []
        for (index, token) in tokens.enumerated() {
            let path = FieldPath("spec", "tokenRequests").index(index)
            if !audiences.insert(token.text("audience")).inserted {
                errors.append(.duplicate(path.child("audience"), token["audience"] ?? ""))
            }
            if let seconds = token["expirationSeconds"]?.int, seconds > 1 << 32 {
                errors.append(
                    .invalid(
                        path.child("expirationSeconds"), .int(seconds),
                        "may not specify a duration larger than 2^32 seconds"))
            }
        }
        return errors
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        let spec = object["spec"] ?? .null
        switch name {
        case "driverTokens":
            let audiences = spec.list("tokenRequests").map { $0.text("audience") }
            return audiences.isEmpty
                ? CommonCells.unset : .string(audiences.joined(separator: ","))
        case "driverModes":
            let modes = spec.list("volumeLifecycleModes").compactMap(\.string)
            return modes.isEmpty ? CommonCells.none : .string(modes.joined(separator: ","))
        default: return nil
        }
    }
}

struct DriverNodeStrategy: Strategy {
    var deletionAnswersWithObject: Bool { true }

    func validate(_ object: JSONValue) -> [FieldError] {
        let drivers = object["spec"]?.list("drivers") ?? []
        return drivers.enumerated().flatMap { index, driver -> [FieldError] in
            let path = FieldPath("spec", "drivers").index(index)
            let keys = driver.list("topologyKeys")
            let repeated = keys.indices.filter { keys[..<$0].contains(keys[$0]) }
            return DriverName.errors(driver["name"], path.child("name"))
                + repeated.map { .duplicate(path.child("topologyKeys").index($0), keys[$0]) }
        }
    }

    /// What a driver calls the node stays, as long as the driver is there.
    func validateUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError] {
        let before = old["spec"]?.list("drivers") ?? []
        let drivers = object["spec"]?.list("drivers") ?? []
        return drivers.enumerated().flatMap { index, driver -> [FieldError] in
            guard let known = before.first(where: { $0["name"] == driver["name"] }) else {
                return []
            }
            let path = FieldPath("spec", "drivers").index(index)
            return ["nodeID", "topologyKeys"].filter { !JSONValue.same(driver[$0], known[$0]) }
                .map { .invalid(path.child($0), driver[$0], "field is immutable") }
        }
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        name == "nodeDrivers" ? .int(object["spec"]?.list("drivers").count ?? 0) : nil
    }
}

struct AttachmentStrategy: Strategy {
    var deletionAnswersWithObject: Bool { true }

    func validate(_ object: JSONValue) -> [FieldError] {
        let (spec, path) = (object["spec"] ?? .null, FieldPath("spec", "source"))
        var errors = DriverName.errors(spec["attacher"], FieldPath("spec", "attacher"))
        let source = spec["source"] ?? .null
        switch (source.has("persistentVolumeName"), source.has("inlineVolumeSpec")) {
        case (true, true):
            errors.append(
                .invalid(
                    path, source,
                    "must specify exactly one of inlineVolumeSpec and persistentVolumeName"))
        case (false, false):
            errors.append(
                .required(
                    path, "must specify exactly one of inlineVolumeSpec and persistentVolumeName"))
        case (true, false):
            if !source.isFilled("persistentVolumeName") {
                errors.append(
                    .required(
                        path.child("persistentVolumeName"),
                        "must specify non empty persistentVolumeName"))
            }
        case (false, true): break
        }
        return errors
    }
}

struct StorageCapacityStrategy: Strategy {
    func validate(_ object: JSONValue) -> [FieldError] {
        var errors: [FieldError] = []
        if let topology = object["nodeTopology"], !topology.isNull {
            errors += LabelSelector.errors(inObject: topology, at: FieldPath("nodeTopology"))
        }
        for member in ["capacity", "maximumVolumeSize"] {
            let size = object[member]?.string.flatMap { try? Quantity($0) }
            if size?.isNegative == true {
                errors.append(
                    .invalid(
                        FieldPath(member), object[member], "must be greater than or equal to 0"))
            }
        }
        return errors
    }

    func validateUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError] {
        JSONValue.same(object["nodeTopology"], old["nodeTopology"])
            ? []
            : [.invalid(FieldPath("nodeTopology"), object["nodeTopology"], "field is immutable")]
    }
}

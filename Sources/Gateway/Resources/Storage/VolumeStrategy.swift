// PersistentVolumes: storage that exists for itself.

import APIModel
import JSON

struct VolumeStrategy: Strategy {
    var deletionAnswersWithObject: Bool { true }

    /// The members of a spec that are no places where the storage is.
    private static let others: Set<String> = [
        "capacity", "accessModes", "claimRef", "persistentVolumeReclaimPolicy",
        "storageClassName", "mountOptions", "volumeMode", "nodeAffinity",
        "volumeAttributesClassName",
    ]

    static func sources(of spec: JSONValue) -> [String] {
        (spec.object ?? JSONObject()).filter { !$0.value.isNull && !others.contains($0.key) }
            .map(\.key)
    }

    func prepareForCreate(_ object: inout JSONValue, _ context: StrategyContext) {
        object.put(
            "status",
            ["phase": "Pending", "lastPhaseTransitionTime": .string(context.now.description)])
    }

    func prepareForStatusUpdate(
        _ object: inout JSONValue, from old: JSONValue, _ context: StrategyContext
    ) {
        object.change("status") { status in
            let before = old["status"] ?? .null
            guard status.text("phase") != before.text("phase"),
                status["lastPhaseTransitionTime"] == before["lastPhaseTransitionTime"]
            else { return }
            status.put("lastPhaseTransitionTime", .string(context.now.description))
        }
    }

    func validate(_ object: JSONValue) -> [FieldError] {
        VolumeRules(spec: object["spec"] ?? .null, path: FieldPath("spec")).errors
    }

    func validateUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError] {
        let path = FieldPath("spec")
        let (spec, before) = (object["spec"] ?? .null, old["spec"] ?? .null)
        var errors: [FieldError] = []
        let places = Set(Self.sources(of: spec) + Self.sources(of: before))
        if places.contains(where: { spec[$0] != before[$0] }) {
            errors.append(
                .forbidden(
                    path.child("persistentvolumesource"),
                    "spec.persistentvolumesource is immutable after creation"))
        }
        if spec.text("volumeMode") != before.text("volumeMode") {
            errors.append(
                .invalid(path.child("volumeMode"), spec["volumeMode"], "field is immutable"))
        }
        if before.has("nodeAffinity"), spec["nodeAffinity"] != before["nodeAffinity"] {
            errors.append(
                .invalid(path.child("nodeAffinity"), spec["nodeAffinity"], "field is immutable"))
        }
        return errors
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        if name == "volumeClaim" {
            guard let claim = object[path: "spec", "claimRef"], !claim.isNull else { return "" }
            return .string("\(claim.text("namespace"))/\(claim.text("name"))")
        }
        return VolumeCells(object).cell(name, from: object["spec"] ?? .null)
    }
}

/// What makes a volume invalid beyond its schema.
struct VolumeRules {
    let spec: JSONValue
    let path: FieldPath

    var errors: [FieldError] {
        var errors = sourceErrors + sizeErrors
        if !spec.isFilled("accessModes") { errors.append(.required(path.child("accessModes"))) }
        errors += AccessModes.errors(spec, path)
        if spec.has("local"), !spec.has("nodeAffinity") {
            errors.append(
                .required(path.child("nodeAffinity"), "Local volume requires node affinity"))
        }
        if let affinity = spec["nodeAffinity"], !affinity.isNull, !affinity.has("required") {
            errors.append(
                .required(
                    path.child("nodeAffinity").child("required"),
                    "must specify required node constraints"))
        }
        return errors
    }

    private var sourceErrors: [FieldError] {
        let sources = VolumeStrategy.sources(of: spec)
        if sources.isEmpty { return [.required(path, "must specify a volume type")] }
        var errors = sources.dropFirst().map { name in
            FieldError.forbidden(path.child(name), "may not specify more than 1 volume type")
        }
        let directory = spec[path: "hostPath", "path"]
        if RelativePath.stepsBack(directory?.string ?? "") {
            errors.append(
                .invalid(
                    path.child("hostPath").child("path"), directory, "must not contain '..'"))
        }
        if directory?.string == "/", spec.text("persistentVolumeReclaimPolicy") == "Recycle" {
            errors.append(
                .forbidden(
                    path.child("persistentVolumeReclaimPolicy"),
                    "may not be 'recycle' for a hostPath mount of '/'"))
        }
        return errors
    }

    private var sizeErrors: [FieldError] {
        let place = path.child("capacity")
        let capacity = spec.entries("capacity")
        if capacity.isEmpty { return [.required(place)] }
        guard capacity.contains("storage"), capacity.count == 1 else {
            return [
                .notSupported(place, spec["capacity"], supported: ["storage"])
            ]
        }
        return StorageSize.errors(capacity["storage"], place.key("storage"))
    }
}

/// The ways in which storage can be mounted.
enum AccessModes {
    /// The mode for one pod excludes all others.
    static func errors(_ spec: JSONValue, _ path: FieldPath) -> [FieldError] {
        let modes = spec.list("accessModes")
        guard modes.count > 1, modes.contains("ReadWriteOncePod") else { return [] }
        return [
            .forbidden(
                path.child("accessModes"),
                "may not use ReadWriteOncePod with other access modes")
        ]
    }
}

enum StorageSize {
    /// A size is more than nothing.
    static func errors(_ value: JSONValue?, _ path: FieldPath) -> [FieldError] {
        guard let value, let size = value.string.flatMap({ try? Quantity($0) }) else { return [] }
        return size.isNegative || size.isZero
            ? [.invalid(path, value, "must be greater than zero")] : []
    }
}

/// What tables show of volumes and claims alike.
struct VolumeCells {
    private static let betaClass = "volume.beta.kubernetes.io/storage-class"
    private static let shortModes = [
        (name: "ReadWriteOnce", short: "RWO"), (name: "ReadOnlyMany", short: "ROX"),
        (name: "ReadWriteMany", short: "RWX"), (name: "ReadWriteOncePod", short: "RWOP"),
    ]

    private let object: JSONValue

    init(_ object: JSONValue) { self.object = object }

    /// - Parameter bound: the part of the object that says what storage there is.
    func cell(_ name: String, from bound: JSONValue) -> JSONValue? {
        let spec = object["spec"] ?? .null
        switch name {
        case "volumeCapacity": return .string(bound[path: "capacity", "storage"]?.string ?? "")
        case "accessModes": return .string(Self.modes(bound))
        case "volumeStatus":
            return ObjectMeta(of: object).isBeingDeleted
                ? "Terminating" : .string(object["status"]?.text("phase") ?? "")
        case "storageClass":
            let annotated = object[path: "metadata", "annotations", Self.betaClass]
            return .string(annotated?.string ?? spec.text("storageClassName"))
        case "attributesClass": return spec["volumeAttributesClassName"] ?? CommonCells.unset
        case "volumeMode": return spec["volumeMode"] ?? CommonCells.unset
        default: return nil
        }
    }

    private static func modes(_ bound: JSONValue) -> String {
        let modes = bound.list("accessModes")
        return shortModes.filter { modes.contains(.string($0.name)) }.map(\.short)
            .joined(separator: ",")
    }
}

// PersistentVolumeClaims: what storage is asked for.

import APIModel
import JSON

struct ClaimStrategy: Strategy {
    var deletionAnswersWithObject: Bool { true }

    func applyDefaults(to object: inout JSONValue) {
        object.change("spec") { ClaimDefaults.apply(to: &$0) }
    }

    func validate(_ object: JSONValue) -> [FieldError] {
        let (spec, path) = (object["spec"] ?? .null, FieldPath("spec"))
        var errors = AccessModes.errors(spec, path)
        if !spec.isFilled("accessModes") {
            errors.append(
                .required(path.child("accessModes"), "at least 1 access mode is required"))
        }
        if let selector = spec["selector"], !selector.isNull {
            errors += LabelSelector.errors(inObject: selector, at: path.child("selector"))
        }
        let place = path.child("resources")
        let requests = spec[path: "resources", "requests"] ?? .null
        if requests.has("storage") {
            errors += StorageSize.errors(
                requests["storage"], place.child("requests").key("storage"))
        } else {
            errors.append(.required(place.key("storage")))
        }
        return errors + sourceErrors(spec, path)
    }

    /// Both members that name a source say the same, where both can.
    private func sourceErrors(_ spec: JSONValue, _ path: FieldPath) -> [FieldError] {
        guard let source = spec["dataSource"], let reference = spec["dataSourceRef"],
            !source.isNull, !reference.isNull
        else { return [] }
        if reference.isFilled("namespace") {
            return [
                .invalid(
                    path, "dataSource",
                    "may not be specified when dataSourceRef.namespace is specified")
            ]
        }
        let isSame = ["apiGroup", "kind", "name"].allSatisfy {
            JSONValue.same(source[$0], reference[$0])
        }
        return isSame ? [] : [.invalid(path, "dataSource", "must match dataSourceRef")]
    }

    func validateUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError] {
        let path = FieldPath("spec")
        var (spec, before) = (object["spec"] ?? .null, old["spec"] ?? .null)
        var errors = sizeErrors(object, old)
        if before.has("volumeAttributesClassName"), !spec.has("volumeAttributesClassName") {
            errors.append(
                .forbidden(
                    path.child("volumeAttributesClassName"),
                    "update from non-nil value to nil is forbidden"))
        }
        let isBound = old["status"]?.text("phase") == "Bound"
        for member in isBound ? ["volumeAttributesClassName"] : [] {
            spec.take(member, from: before)
        }
        // A volume is bound once, and a claim without a class may be given one.
        for member in ["volumeName", "storageClassName"] where !before.isFilled(member) {
            if member == "volumeName" || !before.has(member) { spec.take(member, from: before) }
        }
        let requested = before[path: "resources", "requests"]
        if isBound { spec.change("resources") { $0.put("requests", requested) } }
        guard spec != before else { return errors }
        errors.insert(
            .forbidden(
                path,
                "spec is immutable after creation except resources.requests and "
                    + "volumeAttributesClassName for bound claims"), at: 0)
        return errors
    }

    /// A claim may ask for more, and for less only as long as that is more than it has.
    private func sizeErrors(_ object: JSONValue, _ old: JSONValue) -> [FieldError] {
        func size(_ value: JSONValue?) -> Quantity? {
            value?.string.flatMap { try? Quantity($0) }
        }
        let place = FieldPath("spec", "resources", "requests").child("storage")
        let wanted = object[path: "spec", "resources", "requests", "storage"]
        guard let asked = size(wanted),
            let before = size(old[path: "spec", "resources", "requests", "storage"]), asked < before
        else { return [] }
        let present = size(old[path: "status", "capacity", "storage"])
        guard let present, asked > present else {
            return [.forbidden(place, "field can not be less than status.capacity")]
        }
        return []
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        // What storage there is, is known when a volume is bound.
        let isBound = object["spec"]?.isFilled("volumeName") == true
        return VolumeCells(object).cell(name, from: isBound ? object["status"] ?? .null : .null)
    }
}

/// Defaults of a claim's spec that depend on other members.
enum ClaimDefaults {
    /// A source is named by two members, of which the older one knows less.
    static func apply(to spec: inout JSONValue) {
        if spec.has("dataSource"), !spec.has("dataSourceRef") {
            spec.put("dataSourceRef", spec["dataSource"])
        } else if !spec.has("dataSource"), let reference = spec["dataSourceRef"],
            ["PersistentVolumeClaim", "VolumeSnapshot"].contains(reference.text("kind")),
            !reference.isFilled("namespace")
        {
            spec.put("dataSource", reference)
        }
    }
}

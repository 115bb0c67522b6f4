// Devices: what there are, and who asks for them. The expressions in CEL are not read here.

import APIModel
import JSON

struct DeviceClassStrategy: Strategy {
    var deletionAnswersWithObject: Bool { true }

    func validate(_ object: JSONValue) -> [FieldError] {
        object["spec"]?.list("selectors").enumerated().flatMap { index, selector in
            DeviceRules.errors(inSelector: selector, FieldPath("spec", "selectors").index(index))
        } ?? []
    }
}

struct DeviceClaimStrategy: Strategy {
    var deletionAnswersWithObject: Bool { true }

    func applyDefaults(to object: inout JSONValue) {
        object.change("spec") { $0.change("devices", DeviceRules.fillCounts) }
    }

    func validate(_ object: JSONValue) -> [FieldError] {
        DeviceRules.errors(
            inClaim: object[path: "spec", "devices"] ?? .null, FieldPath("spec", "devices"))
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        guard name == "claimState" else { return nil }
        let status = object["status"] ?? .null
        var states = ObjectMeta(of: object).isBeingDeleted ? ["deleted"] : []
        if status.has("allocation") {
            states.append("allocated")
            if status.isFilled("reservedFor") { states.append("reserved") }
        } else if states.isEmpty {
            states.append("pending")
        }
        return .string(states.joined(separator: ","))
    }
}

struct DeviceClaimTemplateStrategy: Strategy {
    var deletionAnswersWithObject: Bool { true }

    func applyDefaults(to object: inout JSONValue) {
        object.change("spec") { template in
            template.change("spec") { $0.change("devices", DeviceRules.fillCounts) }
        }
    }

    func validate(_ object: JSONValue) -> [FieldError] {
        DeviceRules.errors(
            inClaim: object[path: "spec", "spec", "devices"] ?? .null,
            FieldPath("spec", "spec", "devices"))
    }
}

struct DeviceSliceStrategy: Strategy {
    private static let places = ["nodeName", "nodeSelector", "allNodes", "perDeviceNodeSelection"]

    var deletionAnswersWithObject: Bool { true }

    func validate(_ object: JSONValue) -> [FieldError] {
        let (spec, path) = (object["spec"] ?? .null, FieldPath("spec"))
        let chosen = Self.places.filter { spec.has($0) && spec[$0] != false }
        var errors: [FieldError] = []
        if chosen.count != 1 {
            let names = Self.places.map { "`\($0)`" }.joined(separator: ", ")
            errors.append(
                chosen.isEmpty
                    ? .required(path, "exactly one of \(names) is required")
                    : .invalid(
                        path, .strings(chosen),
                        "exactly one of \(names) is required, but "
                            + "multiple fields are set"))
        }
        var names: Set<String> = []
        for (index, device) in spec.list("devices").enumerated() {
            let (place, name) = (path.child("devices").index(index), device.text("name"))
            if !name.isEmpty, !names.insert(name).inserted {
                errors.append(.duplicate(place.child("name"), .string(name)))
            }
            errors += attributeErrors(device, place.child("attributes"))
        }
        return errors
    }

    private func attributeErrors(_ device: JSONValue, _ path: FieldPath) -> [FieldError] {
        device.entries("attributes").compactMap { name, attribute in
            let members = OneOf.present(attribute, ["int", "bool", "string", "version"])
            if members.count == 1 { return nil }
            return members.isEmpty
                ? .required(path.key(name), "exactly one value must be specified")
                : .invalid(path.key(name), attribute, "exactly one value must be specified")
        }
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        name == "sliceNode" ? CommonCells.textOrUnset(object[path: "spec", "nodeName"]) : nil
    }
}

/// What claims, their templates and classes have in common.
private enum DeviceRules {
    /// One device, where a number is wanted and none is given.
    static func fillCounts(_ claim: inout JSONValue) {
        claim.changeEach("requests") { request in
            request.change("exactly", fillCount)
            request.changeEach("firstAvailable", fillCount)
        }
    }

    private static func fillCount(_ request: inout JSONValue) {
        guard request.text("allocationMode") == "ExactCount" else { return }
        if request["count"]?.int ?? 0 == 0 { request.put("count", 1) }
    }

    static func errors(inClaim claim: JSONValue, _ path: FieldPath) -> [FieldError] {
        let requests = claim.list("requests")
        var names: Set<String> = []
        var errors: [FieldError] = []
        for (index, request) in requests.enumerated() {
            let (place, name) = (path.child("requests").index(index), request.text("name"))
            if !name.isEmpty, !names.insert(name).inserted {
                errors.append(.duplicate(place.child("name"), .string(name)))
            }
            errors += choiceErrors(request, place)
        }
        for list in ["constraints", "config"] {
            for (index, entry) in claim.list(list).enumerated() {
                errors += referenceErrors(
                    entry, to: requests, path.child(list).index(index).child("requests"))
            }
        }
        return errors
    }

    private static func choiceErrors(_ request: JSONValue, _ path: FieldPath) -> [FieldError] {
        switch (request.has("exactly"), request.isFilled("firstAvailable")) {
        case (true, true):
            return [
                .invalid(path, nil, "exactly one of `exactly` or `firstAvailable` is required")
            ]
        case (false, false):
            return [
                .required(path, "exactly one of `exactly` or `firstAvailable` is required")
            ]
        case (true, false):
            return amountErrors(request["exactly"] ?? .null, path.child("exactly"))
        case (false, true):
            return request.list("firstAvailable").enumerated().flatMap { index, choice in
                amountErrors(choice, path.child("firstAvailable").index(index))
            }
        }
    }

    private static func amountErrors(_ request: JSONValue, _ path: FieldPath) -> [FieldError] {
        var errors = request.list("selectors").enumerated().flatMap { index, selector in
            self.errors(inSelector: selector, path.child("selectors").index(index))
        }
        let count = request["count"]?.int ?? 0
        switch request.text("allocationMode") {
        case "All":
            if count != 0 {
                errors.append(
                    .invalid(
                        path.child("count"), .int(count),
                        "must not be specified when allocationMode is 'All'"))
            }
        default:
            if count < 0 {
                errors.append(
                    .invalid(path.child("count"), .int(count), "must be greater than zero"))
            }
        }
        return errors
    }

    static func errors(inSelector selector: JSONValue, _ path: FieldPath) -> [FieldError] {
        selector.has("cel") ? [] : [.required(path.child("cel"))]
    }

    /// Requests are named by themselves, or with one of their alternatives.
    private static func referenceErrors(
        _ entry: JSONValue, to requests: [JSONValue], _ path: FieldPath
    ) -> [FieldError] {
        let names = requests.flatMap { request in
            [request.text("name")]
                + request.list("firstAvailable").map {
                    "\(request.text("name"))/\($0.text("name"))"
                }
        }
        return entry.list("requests").enumerated().compactMap { index, name in
            names.contains(name.string ?? "")
                ? nil
                : .invalid(
                    path.index(index), name,
                    "must be the name of a request in the claim or the name of a request and a "
                        + "subrequest separated by '/'")
        }
    }
}

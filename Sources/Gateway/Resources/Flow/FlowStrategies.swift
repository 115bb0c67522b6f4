// Which requests are served first, and how many of them at the same time.

import APIModel
import JSON

struct FlowSchemaStrategy: Strategy {
    /// The schema that takes what no other takes.
    private static let lastPrecedence: Int64 = 10_000

    func validate(_ object: JSONValue) -> [FieldError] {
        let (spec, path) = (object["spec"] ?? .null, FieldPath("spec"))
        var errors: [FieldError] = []
        let name = ObjectMeta(of: object).name
        let isFirst = spec["matchingPrecedence"] == 1
        if isFirst, name != "exempt" {
            errors.append(
                .invalid(
                    path.child("matchingPrecedence"), spec["matchingPrecedence"],
                    "only the schema named 'exempt' may have matchingPrecedence 1"))
        }
        for (index, rule) in spec.list("rules").enumerated() {
            errors += FlowRule(rule: rule, path: path.child("rules").index(index)).errors
        }
        return errors
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        switch name {
        case "flowDistinguisher":
            return CommonCells.textOrNone(object[path: "spec", "distinguisherMethod", "type"])
        case "flowIsDangling":
            let conditions = object["status"]?.list("conditions") ?? []
            let dangling = conditions.first { $0.text("type") == "Dangling" }
            return .string(dangling?.text("status") ?? "?")
        default: return nil
        }
    }
}

/// Requests of some subjects to some resources or paths.
private struct FlowRule {
    let rule: JSONValue
    let path: FieldPath

    private static let members = [
        "Group": "group", "ServiceAccount": "serviceAccount", "User": "user",
    ]

    var errors: [FieldError] {
        var errors = rule.list("subjects").enumerated().flatMap { index, subject in
            subjectErrors(subject, path.child("subjects").index(index))
        }
        if !rule.isFilled("resourceRules"), !rule.isFilled("nonResourceRules") {
            errors.append(
                .required(
                    path,
                    "at least one of resourceRules and nonResourceRules has to be non-empty"))
        }
        for (index, entry) in rule.list("resourceRules").enumerated() {
            errors += resourceErrors(entry, path.child("resourceRules").index(index))
        }
        for (index, entry) in rule.list("nonResourceRules").enumerated() {
            errors += urlErrors(entry, path.child("nonResourceRules").index(index))
        }
        return errors
    }

    private func subjectErrors(_ subject: JSONValue, _ path: FieldPath) -> [FieldError] {
        guard let member = Self.members[subject.text("kind")] else { return [] }
        var errors = Self.members.values.sorted().filter { $0 != member && subject.has($0) }.map {
            FieldError.forbidden(
                path.child($0), "\($0) is forbidden when subject kind is not \($0)")
        }
        if !subject.has(member) {
            errors.append(
                .required(
                    path.child(member), "\(member) is required when subject kind is \(member)"))
        }
        return errors
    }

    private func resourceErrors(_ entry: JSONValue, _ path: FieldPath) -> [FieldError] {
        var errors = wildcardErrors(entry, ["verbs", "apiGroups", "resources", "namespaces"], path)
        if !entry.isFilled("namespaces"), entry["clusterScope"]?.bool != true {
            errors.append(
                .required(
                    path.child("namespaces"),
                    "resource rules that are not cluster scoped must supply at least one namespace")
            )
        }
        return errors
    }

    private func urlErrors(_ entry: JSONValue, _ path: FieldPath) -> [FieldError] {
        let place = path.child("nonResourceURLs")
        let urls = entry.list("nonResourceURLs")
        var errors = wildcardErrors(entry, ["verbs", "nonResourceURLs"], path)
        for (index, url) in urls.enumerated() where url != "*" {
            let text = url.string ?? ""
            let star = text.firstIndex(of: "*")
            let isFine =
                text.hasPrefix("/") && !text.contains(" ")
                && (star == nil || text.hasSuffix("/*") && text.filter { $0 == "*" }.count == 1)
            if !isFine {
                errors.append(
                    .invalid(
                        place.index(index), url,
                        "must begin with '/', and '*' may only stand alone or behind the last '/'"))
            }
        }
        return errors
    }

    private func wildcardErrors(
        _ entry: JSONValue, _ lists: [String], _ path: FieldPath
    ) -> [FieldError] {
        lists.filter { entry.list($0).count > 1 && entry.list($0).contains("*") }.map {
            .invalid(
                path.child($0), entry[$0], "if '*' is present, must not specify other \($0)")
        }
    }
}

struct PriorityLevelStrategy: Strategy {
    func applyDefaults(to object: inout JSONValue) {
        object.change("spec") { spec in
            if spec.text("type") == "Exempt" {
                spec.changeOrAdd("exempt") { exempt in
                    exempt.fill("nominalConcurrencyShares", 0)
                    exempt.fill("lendablePercent", 0)
                }
            }
            spec.change("limited") { limited in
                limited.change("limitResponse") { response in
                    guard response.text("type") == "Queue" else { return }
                    response.changeOrAdd("queuing") { queuing in
                        queuing.fill("queues", 64)
                        queuing.fill("handSize", 8)
                        queuing.fill("queueLengthLimit", 50)
                    }
                }
            }
        }
    }

    func validate(_ object: JSONValue) -> [FieldError] {
        let (spec, path) = (object["spec"] ?? .null, FieldPath("spec"))
        let type = spec.text("type")
        var errors: [FieldError] = []
        if ObjectMeta(of: object).name == "exempt", type != "Exempt" {
            errors.append(
                .invalid(path.child("type"), .string(type), "must be 'Exempt' for this level"))
        }
        switch type {
        case "Exempt":
            if spec.has("limited") {
                errors.append(
                    .forbidden(
                        path.child("limited"), "must be nil if the type is not Limited"))
            }
        case "Limited":
            if spec.has("exempt") {
                errors.append(
                    .forbidden(path.child("exempt"), "must be nil if the type is Limited"))
            }
            guard let limited = spec["limited"], !limited.isNull else {
                errors.append(
                    .required(
                        path.child("limited"), "must not be empty when type is Limited"))
                break
            }
            errors += limitErrors(limited, path.child("limited"))
        default: break
        }
        return errors
    }

    private func limitErrors(_ limited: JSONValue, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        if let shares = limited["nominalConcurrencyShares"]?.int, shares < 0 {
            errors.append(
                .invalid(
                    path.child("nominalConcurrencyShares"), .int(shares),
                    "must be a non-negative integer"))
        }
        let (response, place) = (limited["limitResponse"] ?? .null, path.child("limitResponse"))
        let queuing = response["queuing"] ?? .null
        switch (response.text("type"), queuing.isNull) {
        case ("Reject", false):
            errors.append(
                .forbidden(
                    place.child("queuing"),
                    "must be nil if limited.limitResponse.type is not Limited"))
        case ("Queue", false): errors += queueErrors(queuing, place.child("queuing"))
        default: break
        }
        return errors
    }

    private static let queueCountMax: Int64 = 10_000_000
    /// A hand is dealt from a hash of so many bits.
    private static let entropyBitCountMax = 60.0

    private func queueErrors(_ queuing: JSONValue, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        for member in ["queueLengthLimit", "queues", "handSize"] {
            guard let number = queuing[member]?.int, number <= 0 else { continue }
            errors.append(.invalid(path.child(member), .int(number), "must be positive"))
        }
        let (queues, hand) = (queuing["queues"]?.int ?? 1, queuing["handSize"]?.int ?? 1)
        if queues > Self.queueCountMax {
            errors.append(
                .invalid(
                    path.child("queues"), .int(queues),
                    "must not be greater than \(Self.queueCountMax)"))
        } else if hand > queues, queues > 0 {
            errors.append(
                .invalid(
                    path.child("handSize"), .int(hand),
                    "should not be greater than queues (\(queues))"))
        } else if hand > Int64(Self.entropyBitCountMax) {
            errors.append(
                .invalid(
                    path.child("handSize"), .int(hand),
                    "required entropy bits of deckSize \(queues) and handSize \(hand) should not "
                        + "be greater than \(Int(Self.entropyBitCountMax))"))
        }
        return errors
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        let spec = object["spec"] ?? .null
        let bounds = spec["limited"] ?? spec["exempt"] ?? .null
        let queuing = bounds[path: "limitResponse", "queuing"] ?? .null
        func number(_ value: JSONValue?) -> JSONValue {
            value?.int.map { .string("\($0)") } ?? CommonCells.none
        }
        return switch name {
        case "levelShares": number(bounds["nominalConcurrencyShares"])
        case "levelQueues": number(queuing["queues"])
        case "levelHandSize": number(queuing["handSize"])
        case "levelQueueLength": number(queuing["queueLengthLimit"])
        default: nil
        }
    }
}

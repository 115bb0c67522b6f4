// CertificateSigningRequests: who asked, who approved, and what was issued.

import APIModel
import Buffers
import JSON

struct CertificateRequestStrategy: Strategy {
    /// Decided through `approval`, and by nobody else.
    static let decisions: Set<String> = ["Approved", "Denied"]

    func prepareForCreate(_ object: inout JSONValue, _ context: StrategyContext) {
        object.change("spec") { spec in
            for member in ["username", "uid", "groups", "extra"] { spec.put(member, nil) }
            guard let sender = context.sender else { return }
            spec.put("username", .string(sender.name))
            if !sender.uid.isEmpty { spec.put("uid", .string(sender.uid)) }
            if !sender.groups.isEmpty { spec.put("groups", .strings(sender.groups)) }
            guard !sender.extra.isEmpty else { return }
            var extra = JSONObject()
            for (key, values) in sender.extra.sorted(by: { $0.key < $1.key }) {
                extra[key] = .strings(values)
            }
            spec.put("extra", .object(extra))
        }
    }

    func prepareForStatusUpdate(
        _ object: inout JSONValue, from old: JSONValue, _ context: StrategyContext
    ) {
        // Whoever signs does not decide.
        object.changeOrAdd("status") { status in
            let kept = Self.conditions(old).filter { Self.decisions.contains($0.text("type")) }
            let others = status.list("conditions").filter {
                !Self.decisions.contains($0.text("type"))
            }
            let all = kept + others
            status.put("conditions", all.isEmpty ? nil : .array(all))
        }
        Self.date(&object, from: old, context.now)
    }

    func prepare(
        _ object: inout JSONValue, forSubresource name: String, from old: JSONValue,
        _ context: StrategyContext
    ) {
        let decided = Self.conditions(object)
        object = old.keepingVersion(of: object)
        object.changeOrAdd("status") { status in
            status.put("conditions", decided.isEmpty ? nil : .array(decided))
        }
        Self.date(&object, from: old, context.now)
    }

    private static func conditions(_ object: JSONValue) -> [JSONValue] {
        object["status"]?.list("conditions") ?? []
    }

    /// Says when conditions were written and when they changed.
    private static func date(_ object: inout JSONValue, from old: JSONValue, _ now: Timestamp) {
        let before = conditions(old)
        object.change("status") { status in
            status.changeEach("conditions") { condition in
                let known = before.first { $0["type"] == condition["type"] }
                condition.fill("lastUpdateTime", .string(now.description))
                let isSame = known.map { $0["status"] == condition["status"] } ?? false
                let changed = isSame ? known?["lastTransitionTime"] : nil
                condition.fill("lastTransitionTime", changed ?? .string(now.description))
            }
        }
    }

    func validate(_ object: JSONValue) -> [FieldError] {
        let (spec, path) = (object["spec"] ?? .null, FieldPath("spec"))
        var errors: [FieldError] = []
        if spec.isFilled("request"), !PEMText(spec.text("request")).isOne("CERTIFICATE REQUEST") {
            errors.append(
                .invalid(
                    path.child("request"), spec["request"],
                    "PEM block type must be CERTIFICATE REQUEST"))
        }
        let usages = spec.list("usages")
        if usages.isEmpty { errors.append(.required(path.child("usages"))) }
        for (index, usage) in usages.enumerated() {
            let place = path.child("usages").index(index)
            if !Self.usages.contains(usage.string ?? "") {
                errors.append(.notSupported(place, usage, supported: Self.usages.sorted()))
            }
            if usages[..<index].contains(usage) { errors.append(.duplicate(place, usage)) }
        }
        return errors + signerErrors(spec.text("signerName"), path.child("signerName"))
    }

    private func signerErrors(_ name: String, _ path: FieldPath) -> [FieldError] {
        // An empty name is the schema's matter.
        if name.isEmpty { return [] }
        if name == "kubernetes.io/legacy-unknown" {
            return [
                .invalid(path, .string(name), "the legacy signerName is not allowed via this API")
            ]
        }
        return DomainPath.problems(of: name).map { .invalid(path, .string(name), $0) }
    }

    func validateStatusUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError] {
        let path = FieldPath("status", "certificate")
        let (certificate, before) = (
            object["status"]?.text("certificate") ?? "",
            old["status"]?.text("certificate") ?? ""
        )
        var errors = ConditionRules.errors(Self.conditions(object), from: Self.conditions(old))
        if !before.isEmpty, certificate != before {
            errors.append(
                .invalid(path, object[path: "status", "certificate"], "field is immutable"))
        }
        if !certificate.isEmpty, !PEMText(certificate).isEach("CERTIFICATE") {
            errors.append(
                .invalid(
                    path, object[path: "status", "certificate"],
                    "only CERTIFICATE PEM blocks are allowed"))
        }
        return errors
    }

    func validate(
        _ object: JSONValue, forSubresource name: String, from old: JSONValue
    ) -> [FieldError] {
        ConditionRules.errors(Self.conditions(object), from: Self.conditions(old))
    }

    private static let usages: Set<String> = [
        "any", "cert sign", "client auth", "code signing", "content commitment", "crl sign",
        "data encipherment", "decipher only", "digital signature", "email protection",
        "encipher only", "ipsec end system", "ipsec tunnel", "ipsec user", "key agreement",
        "key encipherment", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime",
        "server auth", "signing", "timestamping",
    ]

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        switch name {
        case "requestDuration":
            return object[path: "spec", "expirationSeconds"]?.int.map {
                .string(HumanDuration.format($0))
            } ?? CommonCells.none
        case "requestCondition": return .string(Self.shownCondition(object))
        default: return nil
        }
    }

    private static func shownCondition(_ object: JSONValue) -> String {
        let types = conditions(object).map { $0.text("type") }
        var words: [String] = []
        if types.contains("Denied") {
            words.append("Denied")
        } else if types.contains("Approved") {
            words.append("Approved")
        } else {
            words.append("Pending")
        }
        if types.contains("Failed") { words.append("Failed") }
        if object["status"]?.isFilled("certificate") == true { words.append("Issued") }
        return words.joined(separator: ",")
    }
}

/// Rules of the decisions on a request.
private enum ConditionRules {
    /// Decisions and failures are final.
    private static let final: Set<String> = ["Approved", "Denied", "Failed"]

    static func errors(_ conditions: [JSONValue], from before: [JSONValue]) -> [FieldError] {
        let path = FieldPath("status", "conditions")
        var errors: [FieldError] = []
        for (index, condition) in conditions.enumerated() {
            let (type, place) = (condition.text("type"), path.index(index))
            if type.isEmpty { errors.append(.required(place.child("type"))) }
            if final.contains(type), condition.text("status") != "True" {
                errors.append(
                    .notSupported(
                        place.child("status"), condition["status"] ?? "", supported: ["True"]))
            }
        }
        let types = conditions.map { $0.text("type") }
        if types.contains("Approved"), types.contains("Denied") {
            errors.append(
                .invalid(path, "Denied", "Approved and Denied conditions are mutually exclusive"))
        }
        for known in before where final.contains(known.text("type")) {
            let present = conditions.first { $0["type"] == known["type"] }
            guard present?["status"] != known["status"] else { continue }
            errors.append(
                .forbidden(
                    path,
                    "updates may not remove a condition of type \(known.text("type").quoted)"))
        }
        return errors
    }
}

/// PEM, as the API carries it: base64 of text with blocks (RFC 7468).
struct PEMText {
    /// The labels of the blocks, in order; empty when the text is malformed.
    private let labels: [String]

    /// - Parameter base64: as it stands in JSON.
    init(_ base64: String) {
        guard let bytes = Base64.decode(base64) else {
            labels = []
            return
        }
        labels = Self.labels(in: String(decoding: bytes, as: UTF8.self))
    }

    func isOne(_ label: String) -> Bool { labels == [label] }

    func isEach(_ label: String) -> Bool {
        !labels.isEmpty && labels.allSatisfy { $0 == label }
    }

    private static func labels(in text: String) -> [String] {
        var labels: [String] = []
        var open: String?
        for line in text.split(whereSeparator: \.isNewline) {
            if let label = mark(line, "-----BEGIN ") {
                guard open == nil else { return [] }
                open = label
            } else if let label = mark(line, "-----END ") {
                guard open == label else { return [] }
                labels.append(label)
                open = nil
            }
        }
        return open == nil ? labels : []
    }

    private static func mark(_ line: Substring, _ start: String) -> String? {
        guard line.hasPrefix(start), line.hasSuffix("-----") else { return nil }
        return String(line.dropFirst(start.count).dropLast(5))
    }
}

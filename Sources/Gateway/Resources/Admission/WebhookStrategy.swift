// Webhooks that are asked about requests.

import APIModel
import JSON

struct WebhookStrategy: Strategy {
    func validate(_ object: JSONValue) -> [FieldError] {
        object.list("webhooks").enumerated().flatMap { index, webhook in
            WebhookRules(webhook: webhook, path: FieldPath("webhooks").index(index)).errors
        }
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        name == "webhooks" ? .int(object.list("webhooks").count) : nil
    }
}

/// What makes a webhook invalid beyond its schema.
struct WebhookRules {
    let webhook: JSONValue
    let path: FieldPath

    /// The versions of AdmissionReview that this server speaks.
    private static let reviewVersions = ["v1", "v1beta1"]

    var errors: [FieldError] {
        var errors = nameErrors + reviewErrors
        for (index, rule) in webhook.list("rules").enumerated() {
            errors += RequestRules(rule: rule, path: path.child("rules").index(index)).errors
        }
        for member in ["namespaceSelector", "objectSelector"] {
            guard let selector = webhook[member], !selector.isNull else { continue }
            errors += LabelSelector.errors(inObject: selector, at: path.child(member))
        }
        switch webhook.text("sideEffects") {
        case "Some", "Unknown":
            errors.append(
                .notSupported(
                    path.child("sideEffects"), webhook["sideEffects"],
                    supported: ["None", "NoneOnDryRun"]))
        default: break
        }
        return errors
            + MatchConditionRules(
                conditions: webhook.list("matchConditions"), path: path.child("matchConditions")
            ).errors
            + ClientConfigRules(
                config: webhook["clientConfig"] ?? .null, path: path.child("clientConfig")
            ).errors
    }

    private var nameErrors: [FieldError] {
        let name = webhook.text("name")
        // An empty name is the schema's matter.
        if name.isEmpty { return [] }
        if name.split(separator: ".", omittingEmptySubsequences: false).count < 3 {
            return [
                .invalid(
                    path.child("name"), .string(name),
                    "should be a domain with at least three segments separated by dots")
            ]
        }
        return ValueFormat.dns1123Subdomain.check(name).map {
            .invalid(path.child("name"), .string(name), $0)
        }
    }

    private var reviewErrors: [FieldError] {
        let place = path.child("admissionReviewVersions")
        let versions = webhook.list("admissionReviewVersions")
        var errors: [FieldError] = []
        for (index, version) in versions.enumerated() {
            errors += ValueFormat.dns1035Label.check(version.string ?? "").map {
                .invalid(place.index(index), version, $0)
            }
            if versions[..<index].contains(version) {
                errors.append(.invalid(place.index(index), version, "duplicate version"))
            }
        }
        let isKnown = versions.contains { Self.reviewVersions.contains($0.string ?? "") }
        if !versions.isEmpty, !isKnown {
            errors.append(
                .invalid(
                    place, .array(versions),
                    "must include at least one of \(Self.reviewVersions.joined(separator: ", "))"))
        }
        return errors
    }
}

/// Which requests are meant, by operation and resource.
struct RequestRules {
    let rule: JSONValue
    let path: FieldPath

    /// `*` stands for all, so that nothing else stands beside it.
    var errors: [FieldError] {
        let lists = ["operations", "apiGroups", "apiVersions"]
        return lists.flatMap { list -> [FieldError] in
            guard rule.list(list).count > 1, rule.list(list).contains("*") else { return [] }
            return [
                .invalid(
                    path.child(list), rule[list],
                    "if '*' is present, must not specify other \(Self.words[list] ?? list)")
            ]
        } + resourceErrors
    }

    private static let words = ["apiGroups": "API groups", "apiVersions": "API versions"]

    private var resourceErrors: [FieldError] {
        let resources = rule.list("resources").compactMap(\.string)
        let place = path.child("resources")
        if resources.count > 1, resources.contains("*/*") {
            return [
                .invalid(
                    place, rule["resources"],
                    "if '*/*' is present, must not specify other resources")
            ]
        }
        return resources.enumerated().compactMap { index, resource in
            let parts = resource.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                return resource != "*" && resources.contains("*")
                    ? .invalid(
                        place, rule["resources"],
                        "if '*' is present, must not specify other resources without subresources")
                    : nil
            }
            let covered = [("\(parts[0])/*", parts[1] != "*"), ("*/\(parts[1])", parts[0] != "*")]
            guard let other = covered.first(where: { $0.1 && resources.contains($0.0) }) else {
                return nil
            }
            return .invalid(
                place.index(index), .string(resource),
                "if '\(other.0)' is present, must not specify \(resource)")
        }
    }
}

/// Where a webhook is.
struct ClientConfigRules {
    let config: JSONValue
    let path: FieldPath

    var errors: [FieldError] {
        switch (config.has("url"), config.has("service")) {
        case (true, false): urlErrors(config.text("url"))
        case (false, true): serviceErrors(config["service"] ?? .null)
        default: [.required(path, "exactly one of url or service is required")]
        }
    }

    private func urlErrors(_ url: String) -> [FieldError] {
        let place = path.child("url")
        func error(_ problem: String) -> FieldError {
            .invalid(place, .string(url), problem)
        }
        let scheme = "https://"
        guard url.hasPrefix(scheme) else {
            return [
                error("'https' is the only allowed URL scheme; desired format: https://host[/path]")
            ]
        }
        let rest = url.dropFirst(scheme.count)
        let host = rest.prefix { !"/?#".contains($0) }
        var errors: [FieldError] = []
        if host.isEmpty { errors.append(error("host must be specified")) }
        if host.contains("@") {
            errors.append(error("user information is not permitted in the URL"))
        }
        if url.contains("#") { errors.append(error("fragments are not permitted in the URL")) }
        if url.contains("?") {
            errors.append(error("query parameters are not permitted in the URL"))
        }
        return errors
    }

    private func serviceErrors(_ service: JSONValue) -> [FieldError] {
        let place = path.child("service").child("path")
        let text = service.text("path")
        guard !text.isEmpty, text != "/" else { return [] }
        guard text.hasPrefix("/") else {
            return [.invalid(place, .string(text), "must start with a '/'")]
        }
        let parts = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        let named = parts.last?.isEmpty == true ? parts.dropLast() : parts[...]
        return named.enumerated().flatMap { index, part -> [FieldError] in
            if part.isEmpty {
                return [.invalid(place, .string(text), "segment[\(index)] may not be empty")]
            }
            return ValueFormat.dns1123Subdomain.check(String(part)).map {
                .invalid(place, .string(text), "segment[\(index)]: \($0)")
            }
        }
    }
}

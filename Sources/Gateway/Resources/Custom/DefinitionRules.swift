// What a CustomResourceDefinition must be: every reason why one is none.

import APIModel
import JSON
import Schema

/// Checks a definition (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources).
struct DefinitionRules {
    let definition: CustomDefinition
    let registry: SchemaRegistry
    private let spec = FieldPath("spec")

    init(_ definition: CustomDefinition, _ registry: SchemaRegistry) {
        self.definition = definition
        self.registry = registry
    }

    var errors: [FieldError] {
        nameErrors + groupErrors + namesErrors + versionErrors + conversionErrors
            + unknownFieldErrors
    }

    // MARK: Names

    private var nameErrors: [FieldError] {
        let expected = "\(definition.names.plural).\(definition.group)"
        guard !definition.names.plural.isEmpty, !definition.group.isEmpty,
            definition.meta.name != expected
        else { return [] }
        return [
            .invalid(
                FieldPath("metadata", "name"), .string(definition.meta.name),
                "must be spec.names.plural+\".\"+spec.group")
        ]
    }

    private var groupErrors: [FieldError] {
        let path = spec.child("group")
        let group = definition.group
        guard !group.isEmpty else { return [] }
        var errors = ValueFormat.dns1123Subdomain.check(group).map {
            FieldError.invalid(path, .string(group), $0)
        }
        if !group.contains(".") {
            errors.append(
                .invalid(path, .string(group), "should be a domain with at least one dot"))
        }
        return errors + approvalErrors
    }

    /// Groups of Kubernetes' own need its approval (Kubernetes enhancement 1111).
    private var approvalErrors: [FieldError] {
        let group = definition.group
        let protected = ["k8s.io", "kubernetes.io"]
        guard protected.contains(where: { group == $0 || group.hasSuffix("." + $0) }) else {
            return []
        }
        let key = "api-approved.kubernetes.io"
        let path = FieldPath("metadata", "annotations").key(key)
        guard let approval = definition.meta.annotation(key), !approval.isEmpty else {
            return [
                .required(
                    path,
                    "protected groups must have approval annotation \"\(key)\", see "
                        + "https://github.com/kubernetes/enhancements/pull/1111")
            ]
        }
        if approval.hasPrefix("unapproved") || approval.hasPrefix("https://") { return [] }
        return [
            .invalid(
                path, .string(approval),
                "protected groups must have approval annotation with either a URL or a reason "
                    + "starting with \"unapproved\"")
        ]
    }

    private var namesErrors: [FieldError] {
        let path = spec.child("names")
        let names = definition.names
        var errors = labelErrors(names.plural, at: path.child("plural"))
        errors += labelErrors(names.singular, at: path.child("singular"))
        errors += labelErrors(names.kind.lowercased(), names.kind, at: path.child("kind"))
        errors += labelErrors(
            names.listKind.lowercased(), names.listKind, at: path.child("listKind"))
        for (index, name) in names.shortNames.enumerated() {
            errors += labelErrors(name, at: path.child("shortNames").index(index))
        }
        for (index, name) in names.categories.enumerated() {
            errors += labelErrors(name, at: path.child("categories").index(index))
        }
        if !names.kind.isEmpty, names.kind == names.listKind {
            errors.append(
                .invalid(
                    path.child("listKind"), .string(names.listKind),
                    "kind and listKind may not be the same"))
        }
        return errors
    }

    /// What is empty has been refused as missing.
    private func labelErrors(
        _ label: String, _ shown: String? = nil, at path: FieldPath
    ) -> [FieldError] {
        guard !label.isEmpty else { return [] }
        return ValueFormat.dns1035Label.check(label).map {
            .invalid(path, .string(shown ?? label), $0)
        }
    }

    private var unknownFieldErrors: [FieldError] {
        let value = definition.object[path: "spec", "preserveUnknownFields"]
        guard value == true else { return [] }
        return [
            .invalid(
                spec.child("preserveUnknownFields"), value,
                "must be false in order to use defaults in the schema")
        ]
    }

    // MARK: Versions

    private var versionErrors: [FieldError] {
        let path = spec.child("versions")
        let versions = definition.versions
        var errors: [FieldError] = []
        if definition.object[path: "spec", "versions"] != nil, versions.isEmpty {
            errors.append(.required(path, "must have at least one version"))
        }
        for (index, version) in versions.enumerated() {
            let place = path.index(index)
            if versions[..<index].contains(where: { $0.name == version.name }) {
                errors.append(.duplicate(place.child("name"), .string(version.name)))
            }
            errors += labelErrors(version.name, at: place.child("name"))
            errors += VersionRules(definition, version, at: place, registry).errors
        }
        let storageCount = versions.count { $0.isStorage }
        if storageCount != 1, !versions.isEmpty {
            errors.append(
                .invalid(
                    path, .strings(versions.filter(\.isStorage).map(\.name)),
                    "must have exactly one version marked as storage version"))
        }
        return errors
    }

    // MARK: Conversion

    private var conversionErrors: [FieldError] {
        let path = spec.child("conversion")
        guard let conversion = definition.object[path: "spec", "conversion"] else { return [] }
        let strategy = conversion.text("strategy")
        switch strategy {
        case "None":
            guard conversion.has("webhook") else { return [] }
            return [
                .forbidden(
                    path.child("webhook"), "should not be set when strategy is not set to Webhook")
            ]
        case "Webhook":
            return ConversionWebhookRules(conversion["webhook"], at: path.child("webhook")).errors
        case "": return []
        default:
            return [
                .notSupported(
                    path.child("strategy"), .string(strategy), supported: ["None", "Webhook"])
            ]
        }
    }
}

/// What the webhook of a conversion must be.
private struct ConversionWebhookRules {
    let webhook: JSONValue?
    let path: FieldPath

    init(_ webhook: JSONValue?, at path: FieldPath) {
        self.webhook = webhook
        self.path = path
    }

    var errors: [FieldError] {
        guard let webhook, !webhook.isNull else {
            return [
                .required(path.child("clientConfig"), "required when strategy is set to Webhook")
            ]
        }
        return configErrors(webhook["clientConfig"] ?? .null) + versionErrors(webhook)
    }

    private func configErrors(_ config: JSONValue) -> [FieldError] {
        let path = path.child("clientConfig")
        guard config.has("url") != config.has("service") else {
            return [.required(path, "exactly one of url or service is required")]
        }
        guard config.has("url") else { return serviceErrors(config["service"] ?? .null) }
        let url = config.text("url")
        let rest = url.dropFirst("https://".count)
        var problems: [String] = []
        if !url.hasPrefix("https://") {
            problems.append(
                "'https' is the only allowed URL scheme; desired format: "
                    + "https://host[/path]")
        } else if rest.prefix(while: { $0 != "/" && $0 != ":" }).isEmpty {
            problems.append("host must be specified; desired format: https://host[/path]")
        }
        if rest.contains("@") { problems.append("user information is not permitted in the URL") }
        if rest.contains("?") { problems.append("query parameters are not permitted in the URL") }
        if rest.contains("#") { problems.append("fragments are not permitted in the URL") }
        return problems.map { .invalid(path.child("url"), .string(url), $0) }
    }

    private func serviceErrors(_ service: JSONValue) -> [FieldError] {
        let path = path.child("clientConfig").child("service")
        var errors: [FieldError] = []
        if let port = service["port"]?.int, !(1...65535).contains(port) {
            errors.append(
                .invalid(
                    path.child("port"), .int(port),
                    "port is not valid: must be between 1 and "
                        + "65535, inclusive"))
        }
        let route = service.text("path")
        if !route.isEmpty, !route.hasPrefix("/") {
            errors.append(
                .invalid(path.child("path"), .string(route), "must start with a '/'"))
        }
        return errors
    }

    private func versionErrors(_ webhook: JSONValue) -> [FieldError] {
        let path = path.child("conversionReviewVersions")
        let versions = webhook.list("conversionReviewVersions").compactMap(\.string)
        guard !versions.isEmpty else {
            return [.required(path)]
        }
        guard !versions.contains("v1") else { return [] }
        return [
            .invalid(
                path, .strings(versions),
                "must include at least one of v1, which is what this "
                    + "server sends")
        ]
    }
}

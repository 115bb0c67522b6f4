// Secrets: text merged into the data, keys that a type needs, sizes, immutability.

import APIModel
import Buffers
import JSON

struct SecretStrategy: Strategy {
    /// Keys that a Secret of a type needs to have.
    private static let requiredKeys: [String: [String]] = [
        "kubernetes.io/dockercfg": [".dockercfg"],
        "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
        "kubernetes.io/ssh-auth": ["ssh-privatekey"],
        "kubernetes.io/tls": ["tls.crt", "tls.key"],
    ]
    private static let accountAnnotation = "kubernetes.io/service-account.name"

    func applyDefaults(to object: inout JSONValue) {
        let texts = object.entries("stringData")
        object.put("stringData", nil)
        guard !texts.isEmpty else { return }
        object.changeOrAdd("data") { data in
            for (key, value) in texts { data.put(key, .string(Base64.encode(value.string ?? ""))) }
        }
    }

    func validate(_ object: JSONValue) -> [FieldError] {
        let data = object.entries("data")
        let byteCount = data.reduce(0) { $0 + Base64.decodedByteCount($1.value.string ?? "") }
        var errors: [FieldError] = []
        if byteCount > Limits.dataByteCountMax {
            errors.append(.tooLong(FieldPath("data"), byteCountMax: Limits.dataByteCountMax))
        }
        return errors + typeErrors(object, data)
    }

    private func typeErrors(_ object: JSONValue, _ data: JSONObject) -> [FieldError] {
        let path = FieldPath("data")
        let type = object.text("type")
        switch type {
        case "kubernetes.io/service-account-token":
            let name = ObjectMeta(of: object).annotation(Self.accountAnnotation) ?? ""
            let path = FieldPath("metadata", "annotations").key(Self.accountAnnotation)
            return name.isEmpty ? [.required(path)] : []
        case "kubernetes.io/basic-auth":
            if data.contains("username") || data.contains("password") { return [] }
            return [.required(path.key("username")), .required(path.key("password"))]
        case "kubernetes.io/dockercfg", "kubernetes.io/dockerconfigjson":
            return missingKeys(type, data) + configErrors(type, data)
        default:
            return missingKeys(type, data)
        }
    }

    private func missingKeys(_ type: String, _ data: JSONObject) -> [FieldError] {
        (Self.requiredKeys[type] ?? []).filter { key in
            // A private key of no bytes is as good as none.
            !data.contains(key) || key == "ssh-privatekey" && data[key] == ""
        }.map { .required(FieldPath("data").key($0)) }
    }

    private func configErrors(_ type: String, _ data: JSONObject) -> [FieldError] {
        guard let key = Self.requiredKeys[type]?.first,
            let bytes = data[key]?.string.flatMap(Base64.decode)
        else { return [] }
        do {
            _ = try JSONValue(parsing: Bytes(bytes))
            return []
        } catch {
            return [
                .invalid(
                    FieldPath("data").key(key), "<secret contents redacted>", error.message)
            ]
        }
    }

    func validateUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError] {
        Immutability.errors(object, from: old, members: ["data"])
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        name == "secretKeyCount" ? .int(object.entries("data").count) : nil
    }
}

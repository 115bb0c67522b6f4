import JSON

/// The two forms in which schemas are served.
public enum OpenAPIForm: Sendable {
    /// OpenAPI 2.0: `definitions`.
    case v2
    /// OpenAPI 3.0: `components.schemas`.
    case v3

    /// What stands before a schema's name in a `$ref`.
    public var referencePrefix: String {
        switch self {
        case .v2: "#/definitions/"
        case .v3: "#/components/schemas/"
        }
    }

    /// A schema of our documents in this form. Our own extensions are left out, and so are defaults
    /// that are objects: as values they need not be valid, and generators refuse them. For version
    /// 2 an `allOf` of one `$ref` becomes that `$ref`, and what version 2 does not know is left
    /// out.
    public func schema(from source: JSONValue) -> JSONValue {
        switch source {
        case .object(let object): .object(members(object))
        case .array(let elements): .array(elements.map(schema(from:)))
        default: source
        }
    }

    private func members(_ object: JSONObject) -> JSONObject {
        var result = JSONObject(reserving: object.count)
        for (key, value) in object where !key.hasPrefix("x-binnacle-") {
            switch (self, key) {
            case (.v2, "oneOf"), (.v2, "anyOf"), (.v2, "not"), (.v2, "nullable"),
                (.v2, "writeOnly"), (.v2, "deprecated"):
                continue
            case (_, "default") where value.object != nil: continue
            case (.v2, "allOf"):
                if let reference = value[0]?["$ref"]?.string { result["$ref"] = rename(reference) }
            case (_, "$ref"):
                result[key] = value.string.map(rename) ?? value
            case (_, "properties"):
                result[key] = .object(named(value.object ?? [:]))
            case (_, "items"), (_, "additionalProperties"), (_, "allOf"), (_, "oneOf"),
                (_, "anyOf"):
                result[key] = schema(from: value)
            default: result[key] = value
            }
        }
        // A reference says it all: kubectl refuses a type beside it.
        if self == .v2, result["x-kubernetes-int-or-string"] == true, result["$ref"] == nil {
            result["type"] = "string"
            result["format"] = "int-or-string"
        }
        return result
    }

    /// Properties may be called anything, also like a keyword.
    private func named(_ properties: JSONObject) -> JSONObject {
        var result = JSONObject(reserving: properties.count)
        for (name, value) in properties { result[name] = schema(from: value) }
        return result
    }

    private func rename(_ reference: String) -> JSONValue {
        let prefix = OpenAPIForm.v3.referencePrefix
        guard reference.hasPrefix(prefix) else { return .string(reference) }
        return .string(referencePrefix + reference.dropFirst(prefix.count))
    }
}

extension SchemaRegistry {
    /// `roots` and all schemas that they refer to, by name and in the order of names.
    public func schemas(
        of roots: some Sequence<String>, in form: OpenAPIForm
    ) -> JSONObject {
        let names = closure(of: roots)
        var result = JSONObject(reserving: names.count)
        for name in names {
            if let source = source(named: name) { result[name] = form.schema(from: source) }
        }
        return result
    }
}

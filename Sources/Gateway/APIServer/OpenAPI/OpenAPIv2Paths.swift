// Path items in OpenAPI 2.0: the body is a parameter, media types stand beside the operation, and
// schemas are definitions.

import JSON

enum OpenAPIv2Paths {
    /// An OpenAPI 3.0 path item as a 2.0 one.
    static func translate(_ item: JSONValue) -> JSONValue {
        var translated = JSONObject()
        for (name, value) in item.object ?? JSONObject() {
            translated[name] =
                name == "parameters"
                ? .array((value.array ?? []).map(parameter)) : operation(value)
        }
        return .object(translated)
    }

    private static func operation(_ operation: JSONValue) -> JSONValue {
        var translated = JSONObject()
        var parameters = (operation["parameters"]?.array ?? []).map(parameter)
        for (name, value) in operation.object ?? JSONObject() {
            switch name {
            case "parameters": break
            case "requestBody":
                parameters.append(bodyParameter(value))
                translated["consumes"] = .strings(mediaTypes(value))
            case "responses":
                translated["produces"] = ["application/json", "application/yaml"]
                translated["responses"] = responses(value)
            default: translated[name] = value
            }
        }
        translated["schemes"] = ["https"]
        translated["parameters"] = .array(parameters)
        return .object(translated)
    }

    private static func parameter(_ parameter: JSONValue) -> JSONValue {
        var translated = parameter
        let schema = parameter["schema"]
        translated["schema"] = nil
        translated["type"] = schema?["type"]
        translated["enum"] = schema?["enum"]
        return translated
    }

    private static func bodyParameter(_ body: JSONValue) -> JSONValue {
        var parameter: JSONObject = ["name": "body", "in": "body"]
        parameter["required"] = body["required"]
        parameter["schema"] = schema(in: body)
        return .object(parameter)
    }

    private static func responses(_ responses: JSONValue) -> JSONValue {
        var translated = JSONObject()
        for (code, response) in responses.object ?? JSONObject() {
            var answer: JSONObject = ["description": response["description"] ?? "OK"]
            answer["schema"] = schema(in: response)
            answer["headers"] = response["headers"].map(headers)
            translated[code] = .object(answer)
        }
        return .object(translated)
    }

    private static func mediaTypes(_ body: JSONValue) -> [String] {
        (body["content"]?.object ?? JSONObject()).map(\.key)
    }

    private static func headers(_ headers: JSONValue) -> JSONValue {
        var translated = JSONObject()
        for (name, header) in headers.object ?? JSONObject() {
            translated[name] = parameter(header)
        }
        return .object(translated)
    }

    /// Of an answer that is one thing or another, which this version cannot say, the first.
    private static func schema(in body: JSONValue) -> JSONValue? {
        guard let first = body["content"]?.object?.first?.value["schema"],
            let reference = (first["oneOf"]?[0] ?? first)["$ref"]?.string
        else { return nil }
        let name = reference.dropFirst("#/components/schemas/".count)
        return ["$ref": .string("#/definitions/\(name)")]
    }
}

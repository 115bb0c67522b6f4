// From the bytes of a request to a value.

import APIModel
import Buffers
import JSON

/// The media types that a request body may have (RFC 9110 section 8.3).
enum BodyFormat {
    case json, yaml

    /// - Parameter contentType: a missing one is read as JSON, as Kubernetes does.
    init?(_ contentType: Bytes?) {
        guard let contentType else {
            self = .json
            return
        }
        switch MediaTypeName(contentType).lowercased {
        case "application/json", "": self = .json
        case "application/yaml", "application/x-yaml", "text/yaml": self = .yaml
        default: return nil
        }
    }
}

/// A decoded body, and the members that it names twice.
struct DecodedBody {
    var value: JSONValue
    var duplicates: [String] = []
}

enum BodyDecoder {
    /// - Parameter kind: what the body should be, for the message.
    /// - Throws: 415 for a media type that is not read here, 400 for what cannot be parsed.
    static func decode(_ body: RequestBody, as kind: String) throws(APIStatus) -> DecodedBody {
        guard let format = BodyFormat(body.contentType) else {
            throw .unsupportedMediaType(accepted: ["application/json", "application/yaml"])
        }
        switch format {
        case .json: return try json(body.bytes, kind)
        case .yaml: return try YAMLDecoder.decode(body.bytes, as: kind)
        }
    }

    private static func json(_ bytes: Bytes, _ kind: String) throws(APIStatus) -> DecodedBody {
        do {
            let parsed = try JSONValue.parse(bytes)
            return DecodedBody(value: parsed.value, duplicates: parsed.duplicates)
        } catch {
            throw unrecognized(bytes, kind, "json parse error: \(error)")
        }
    }

    static func unrecognized(_ bytes: Bytes, _ kind: String, _ reason: String) -> APIStatus {
        let shown = bytes.isEmpty ? "<empty>" : excerpt(bytes)
        return .badRequest(
            "the object provided is unrecognized (must be of type \(kind)): "
                + "couldn't get version/kind; \(reason) (\(shown))")
    }

    /// The start of a body, short enough for a message.
    private static func excerpt(_ bytes: Bytes) -> String {
        let shown = bytes.count > Limits.excerptByteCountMax
        let text = bytes[0..<min(bytes.count, Limits.excerptByteCountMax)].description
        return shown ? text + "…" : text
    }
}

// From the bytes of a request to a value.

import APIModel
import Buffers
import JSON
import Schema

/// The media types that a request body may have (RFC 9110 section 8.3).
enum BodyFormat {
    case json, yaml
    /// What today's Go clients send for the built-in kinds, and nothing else when it is refused.
    case protobuf

    static let accepted = [
        "application/json", "application/yaml", "application/vnd.kubernetes.protobuf",
    ]

    /// - Parameter contentType: a missing one is read as JSON, as Kubernetes does.
    init?(_ contentType: Bytes?) {
        guard let contentType else {
            self = .json
            return
        }
        switch MediaTypeName(contentType).lowercased {
        case "application/json", "": self = .json
        case "application/yaml", "application/x-yaml", "text/yaml": self = .yaml
        case "application/vnd.kubernetes.protobuf": self = .protobuf
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
    /// - Parameter kind: what the body should be. Another that it names is returned all the same.
    /// - Throws: 415 for a media type that is not read here, 400 for what cannot be parsed.
    static func decode(
        _ body: RequestBody, as kind: GroupVersionKind, _ schemas: SchemaRegistry
    ) throws(APIStatus) -> DecodedBody {
        guard let format = BodyFormat(body.contentType) else {
            throw .unsupportedMediaType(accepted: BodyFormat.accepted)
        }
        switch format {
        case .json: return try json(body.bytes, kind.kind)
        case .yaml: return try YAMLDecoder.decode(body.bytes, as: kind.kind)
        case .protobuf: return try protobuf(body.bytes, kind, schemas)
        }
    }

    /// A configuration to apply. Its media type says YAML, and most clients send JSON, which is
    /// YAML too and read faster.
    /// - Throws: 400 for what cannot be parsed.
    static func decodeConfiguration(
        _ body: RequestBody, as kind: GroupVersionKind
    ) throws(APIStatus) -> DecodedBody {
        if let parsed = try? JSONValue.parse(body.bytes) {
            return DecodedBody(value: parsed.value, duplicates: parsed.duplicates)
        }
        return try YAMLDecoder.decode(body.bytes, as: kind.kind)
    }

    private static func protobuf(
        _ bytes: Bytes, _ kind: GroupVersionKind, _ schemas: SchemaRegistry
    ) throws(APIStatus) -> DecodedBody {
        guard schemas.schema(for: kind)?.hasProtobufForm ?? true else {
            throw .unsupportedMediaType(accepted: Array(BodyFormat.accepted.prefix(2)))
        }
        do {
            return DecodedBody(value: try schemas.decodeProtobuf(bytes, expecting: kind))
        } catch {
            throw .badRequest("\(kind.kind) cannot be read as protobuf: \(error)")
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

/// Kinds of bodies that are no objects.
extension GroupVersionKind {
    static let deleteOptions = GroupVersionKind(group: "", version: "v1", kind: "DeleteOptions")
    static let binding = GroupVersionKind(group: "", version: "v1", kind: "Binding")
    static let eviction = GroupVersionKind(group: "policy", version: "v1", kind: "Eviction")
    static let scale = GroupVersionKind(group: "autoscaling", version: "v1", kind: "Scale")
}

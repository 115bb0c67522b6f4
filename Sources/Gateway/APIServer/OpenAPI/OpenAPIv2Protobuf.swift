// The OpenAPI 2.0 document as a protobuf message (gnostic's `openapi.v2.Document`), the only form
// in which kubectl reads it. It holds the definitions, against which kubectl checks a `List`, and
// of the paths what patches there are: before 1.25 kubectl asks there for parameters like `dryRun`.

import Buffers
import JSON

enum OpenAPIv2Protobuf {
    /// The media types that clients ask for. The first is no valid one, and never answered.
    static let mediaTypes = [
        "application/com.github.proto-openapi.spec.v2@v1.0+protobuf",
        "application/com.github.proto-openapi.spec.v2.v1.0+protobuf",
    ]

    /// - Parameter document: the document in its JSON form.
    static func encode(_ document: JSONValue) -> Bytes {
        var message = ProtobufMessageWriter()
        message.write(1, document["swagger"]?.string)
        message.write(2) { info in
            info.write(1, document[path: "info", "title"]?.string)
            info.write(2, document[path: "info", "version"]?.string)
        }
        message.write(8) { paths in
            for (name, item) in document["paths"]?.object ?? JSONObject() {
                guard let patch = item["patch"] else { continue }
                paths.write(2) { path in
                    path.write(1, name)
                    path.write(2) { $0.write(8) { operation(patch, in: &$0) } }
                }
            }
        }
        message.write(9) { named(document["definitions"], in: &$0, schema) }
        return message.bytes
    }

    /// A map as a list of names and values.
    private static func named(
        _ members: JSONValue?, in message: inout ProtobufMessageWriter,
        _ write: (JSONValue, inout ProtobufMessageWriter) -> Void
    ) {
        for (name, value) in members?.object ?? JSONObject() {
            message.write(1) { member in
                member.write(1, name)
                member.write(2) { write(value, &$0) }
            }
        }
    }

    /// An operation's query parameters, and its kind.
    private static func operation(
        _ operation: JSONValue, in message: inout ProtobufMessageWriter
    ) {
        for parameter in operation["parameters"]?.array ?? []
        where parameter["in"]?.string == "query" {
            message.write(8) { item in
                item.write(1) { $0.write(2) { $0.write(3) { query(parameter, in: &$0) } } }
            }
        }
        extensions(of: operation, as: 13, in: &message)
    }

    private static func query(_ parameter: JSONValue, in message: inout ProtobufMessageWriter) {
        message.write(2, "query")
        message.write(4, parameter["name"]?.string)
        message.write(6, parameter["type"]?.string)
    }

    /// The members that OpenAPI does not know.
    private static func extensions(
        of value: JSONValue, as field: UInt64, in message: inout ProtobufMessageWriter
    ) {
        for (name, value) in value.object ?? JSONObject() where name.hasPrefix("x-") {
            message.write(field) { extended in
                extended.write(1, name)
                extended.write(2) { any(value, in: &$0) }
            }
        }
    }

    private static func schema(_ schema: JSONValue, in message: inout ProtobufMessageWriter) {
        message.write(1, schema["$ref"]?.string)
        message.write(2, schema["format"]?.string)
        message.write(4, schema["description"]?.string)
        if let value = schema["default"] { message.write(5) { any(value, in: &$0) } }
        for name in schema["required"]?.array ?? [] { message.write(19, name.string) }
        for value in schema["enum"]?.array ?? [] { message.write(20) { any(value, in: &$0) } }
        if let additional = schema["additionalProperties"] {
            message.write(21) { item in
                if let allowed = additional.bool {
                    item.write(2, allowed)
                } else {
                    item.write(1) { self.schema(additional, in: &$0) }
                }
            }
        }
        if let type = schema["type"]?.string { message.write(22) { $0.write(1, type) } }
        if let items = schema["items"] {
            message.write(23) { $0.write(1) { self.schema(items, in: &$0) } }
        }
        if let properties = schema["properties"] {
            message.write(25) { named(properties, in: &$0, self.schema) }
        }
        extensions(of: schema, as: 31, in: &message)
    }

    /// Any value, as YAML; JSON is YAML.
    private static func any(_ value: JSONValue, in message: inout ProtobufMessageWriter) {
        message.write(2, value.description)
    }
}

/// Writes the fields of one protobuf message (the wire format of protobuf.dev).
struct ProtobufMessageWriter {
    private var buffer: [UInt8] = []

    var bytes: Bytes { buffer.withUnsafeBytes { Bytes(copying: $0) } }

    /// Text; nothing when there is none.
    mutating func write(_ field: UInt64, _ text: String?) {
        guard let text else { return }
        append(varint: field << 3 | 2)
        append(varint: UInt64(text.utf8.count))
        buffer += text.utf8
    }

    mutating func write(_ field: UInt64, _ flag: Bool) {
        append(varint: field << 3)
        append(varint: flag ? 1 : 0)
    }

    /// A message within this one.
    mutating func write(_ field: UInt64, _ body: (inout ProtobufMessageWriter) -> Void) {
        var message = ProtobufMessageWriter()
        body(&message)
        append(varint: field << 3 | 2)
        append(varint: UInt64(message.buffer.count))
        buffer += message.buffer
    }

    private mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            buffer.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        buffer.append(UInt8(rest))
    }
}

// Objects as Go's clients write them in protobuf, by the numbers of the documents.

import APIModel
import JSON

/// Writes an object of a kind. Reads numbers and forms from the documents, with nothing of what
/// reads messages.
public struct ProtobufEncoder {
    /// A message, and what it says.
    private typealias Written = (bytes: [UInt8], meant: JSONValue)

    /// The object's message in its envelope, and the object as it is understood: zeros that mean
    /// nothing are left out.
    public static func encode(
        _ object: JSONValue, _ schema: UsedSchema
    ) -> (bytes: [UInt8], meant: JSONValue) {
        let kind = object["kind"]?.string ?? ""
        let apiVersion = object["apiVersion"]?.string ?? ""
        let written = message(object, schema)
        var meant = written.meant
        meant["kind"] = .string(kind)
        meant["apiVersion"] = .string(apiVersion)
        return (
            ProtobufWriter.envelope(kind: kind, apiVersion: apiVersion, written.bytes), meant
        )
    }

    private static func message(_ object: JSONValue, _ schema: UsedSchema) -> Written {
        var writer = ProtobufWriter()
        var meant = object
        for (name, property) in schema.properties {
            guard let number = property.source["x-binnacle-protobuf"] else {
                // The kind and version of an object stand in its envelope, and nowhere when it is
                // part of another one.
                meant[name] = nil
                continue
            }
            let path = (number.array ?? [number]).compactMap(\.int).map(Int.init)
            let keepsZero = property.source["x-binnacle-protobuf-zero"] == true
            guard let value = object[name] else {
                // Go's encoder writes the zeros of fields that are no pointers.
                if !keepsZero, let zero = property.zero {
                    write(zero, property, along: path, into: &writer)
                }
                continue
            }
            let part = write(value, property, along: path, into: &writer)
            meant[name] = !keepsZero && value == property.zero ? nil : part
        }
        return (writer.bytes, meant)
    }

    /// All numbers but the last lead through messages that JSON does not show.
    @discardableResult
    private static func write(
        _ value: JSONValue, _ use: UsedSchema, along path: [Int], into writer: inout ProtobufWriter
    ) -> JSONValue {
        guard path.count > 1 else { return field(path[0], value, use, into: &writer) }
        var inner = ProtobufWriter()
        let meant = write(value, use, along: Array(path.dropFirst()), into: &inner)
        writer.bytes(path[0], inner.bytes)
        return meant
    }

    /// - Returns: the value as it is understood.
    private static func field(
        _ number: Int, _ value: JSONValue, _ use: UsedSchema, into writer: inout ProtobufWriter
    ) -> JSONValue {
        if let place = use.source["x-binnacle-protobuf-json"]?.int {
            writer.message(number) { $0.text(Int(place), value.description) }
            return value
        }
        switch value {
        case .array(let elements): return list(number, elements, use, into: &writer)
        case .object(let entries) where use.properties.isEmpty:
            return map(number, entries, use, into: &writer)
        case .object:
            let inner = message(value, use)
            writer.bytes(number, inner.bytes)
            return inner.meant
        default:
            scalar(number, value, use, into: &writer)
            return value
        }
    }

    private static func list(
        _ number: Int, _ elements: [JSONValue], _ use: UsedSchema, into writer: inout ProtobufWriter
    ) -> JSONValue {
        guard let element = use.element else { return .array(elements) }
        return .array(elements.map { field(number, $0, element, into: &writer) })
    }

    private static func map(
        _ number: Int, _ entries: JSONObject, _ use: UsedSchema, into writer: inout ProtobufWriter
    ) -> JSONValue {
        guard let content = use.mapValue else { return .object(entries) }
        var meant = JSONObject()
        for (key, value) in entries {
            writer.entry(number, key) { entry in
                guard case .array(let elements) = value else {
                    meant[key] = field(2, value, content, into: &entry)
                    return
                }
                // A list in a map is a message of its own.
                entry.message(2) { meant[key] = list(1, elements, content, into: &$0) }
            }
        }
        return .object(meant)
    }

    private static func scalar(
        _ number: Int, _ value: JSONValue, _ use: UsedSchema, into writer: inout ProtobufWriter
    ) {
        if use.source["x-kubernetes-int-or-string"] == true {
            return writer.message(number) { intOrString(value, into: &$0) }
        }
        switch value {
        case .bool(let flag): writer.int(number, flag ? 1 : 0)
        case .number(let figure) where use.source["type"] == "integer":
            writer.int(number, figure.int ?? 0)
        case .number(let figure): writer.double(number, figure.double)
        case .string(let text): string(number, text, use, into: &writer)
        default: break
        }
    }

    private static func intOrString(_ value: JSONValue, into writer: inout ProtobufWriter) {
        writer.int(1, value.string == nil ? 0 : 1)
        writer.int(2, value.int ?? 0)
        writer.text(3, value.string ?? "")
    }

    private static func string(
        _ number: Int, _ text: String, _ use: UsedSchema, into writer: inout ProtobufWriter
    ) {
        if use.source["x-binnacle-format"] == "quantity" {
            return writer.message(number) { $0.text(1, text) }
        }
        switch use.source["format"]?.string {
        case "byte": writer.bytes(number, bytes(ofBase64: text))
        case "date-time", "micro-time":
            guard let time = Timestamp(text) else { return writer.bytes(number, []) }
            writer.message(number) {
                $0.int(1, time.seconds)
                $0.int(2, Int64(time.microseconds) * 1000)
            }
        default: writer.text(number, text)
        }
    }

    private static func bytes(ofBase64 text: String) -> [UInt8] {
        let alphabet = Array(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var (bits, count, bytes) = (UInt32(0), 0, [UInt8]())
        for character in text.utf8 {
            guard let digit = alphabet.firstIndex(of: character) else { break }
            bits = bits << 6 | UInt32(digit)
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
        return bytes
    }
}

extension UsedSchema {
    /// The value of a scalar field of Go that nobody has set; `nil` for what is no plain scalar.
    fileprivate var zero: JSONValue? {
        if source["x-kubernetes-int-or-string"] == true { return nil }
        switch source["type"]?.string {
        case "integer", "number": return 0
        case "boolean": return false
        case "string":
            let isPlain = source["x-binnacle-format"] != "quantity"
            return isPlain && !["date-time", "micro-time"].contains(source["format"]) ? "" : nil
        default: return nil
        }
    }
}

// YAML bodies become the same values as JSON bodies. Yams parses; this file decides what a scalar
// is.

import APIModel
import Buffers
import JSON
import Yams

enum YAMLDecoder {
    /// - Throws: 400 with the line and column, or the byte, and the reason.
    static func decode(_ bytes: Bytes, as kind: String) throws(APIStatus) -> DecodedBody {
        let text = try text(of: bytes)
        guard !YAMLAliases.areTooMany(in: bytes) else {
            throw refusal("more than \(Limits.yamlAliasCountMax) aliases")
        }
        let marks = YAMLMarks(text)
        let root: Node?
        do {
            root = try Yams.compose(yaml: marks.text)
        } catch {
            throw refusal(reason(of: error))
        }
        guard let root else {
            throw BodyDecoder.unrecognized(bytes, kind, "yaml: the document is empty")
        }
        var conversion = YAMLConversion(marks)
        return DecodedBody(value: try conversion.value(of: root, depth: 0))
    }

    fileprivate static func refusal(_ reason: String) -> APIStatus {
        .badRequest("error converting YAML to JSON: \(reason)")
    }

    private static func text(of bytes: Bytes) throws(APIStatus) -> String {
        let text = bytes.withUnsafeBytes { String(validating: $0, as: UTF8.self) }
        if let text { return text }
        // What cannot be decoded reads as U+FFFD, three bytes; before that nothing differs.
        let repaired = bytes.description.utf8
        let offset = bytes.withUnsafeBytes { raw in
            zip(raw, repaired).enumerated().first { $1.0 != $1.1 }?.offset ?? 0
        }
        throw refusal("invalid UTF-8 at offset \(offset)")
    }

    /// Yams' reason and place, without the text around it, which may be long.
    private static func reason(of error: any Error) -> String {
        guard let error = error as? YamlError else { return "\(error)" }
        switch error {
        case .reader(let problem, let offset, _, _):
            return problem + (offset.map { " at offset \($0)" } ?? "")
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return "line \(mark.line), column \(mark.column): \(problem)"
        case .duplicatedKeysInMapping(let duplicates, let context):
            let names = duplicates.prefix(8).map(\.quoted).joined(separator: ", ")
            return "line \(context.mark.line): key \(names) already set in map"
        default: return "it cannot be read"
        }
    }
}

/// Counts what a document names, so that one that repeats itself through aliases does not grow
/// beyond what could have been sent.
private struct YAMLConversion {
    private let marks: YAMLMarks
    private var byteCount = 0

    init(_ marks: YAMLMarks) { self.marks = marks }

    mutating func value(of node: Node, depth: Int) throws(APIStatus) -> JSONValue {
        guard depth < Limits.yamlDepthMax else {
            throw YAMLDecoder.refusal("nested too deeply, at \(place(of: node))")
        }
        try count(1, node)
        switch node {
        case .scalar(let scalar):
            try count(scalar.string.utf8.count, node)
            return try self.scalar(scalar, node)
        case .sequence(let sequence):
            var elements: [JSONValue] = []
            for element in sequence { elements.append(try value(of: element, depth: depth + 1)) }
            return .array(elements)
        case .mapping(let mapping):
            var object = JSONObject(reserving: mapping.count)
            for (key, member) in mapping {
                guard let name = key.scalar.map({ marks.restored($0.string) }) else {
                    throw YAMLDecoder.refusal("a key is not a scalar, at \(place(of: key))")
                }
                try count(name.utf8.count, key)
                object[name] = try value(of: member, depth: depth + 1)
            }
            return .object(object)
        case .alias: preconditionFailure("Yams puts the node in place of an alias")
        }
    }

    private mutating func count(_ bytes: Int, _ node: Node) throws(APIStatus) {
        byteCount += bytes
        guard byteCount <= Limits.yamlExpandedByteCountMax else {
            throw YAMLDecoder.refusal("too large when its aliases are followed")
        }
    }

    private func place(of node: Node) -> String {
        node.mark.map { "line \($0.line), column \($0.column)" } ?? "an unknown place"
    }

    /// A plain scalar is resolved by the core schema (YAML 1.1, as Kubernetes reads it); a quoted
    /// one is a string.
    private func scalar(_ scalar: Node.Scalar, _ node: Node) throws(APIStatus) -> JSONValue {
        let text = marks.restored(scalar.string)
        guard scalar.style == .plain || scalar.style == .any else { return .string(text) }
        switch Tag.Name(rawValue: node.tag.rawValue) {
        case Tag.Name.null: return .null
        case Tag.Name.bool: return .bool(node.bool ?? false)
        case Tag.Name.int, Tag.Name.float:
            // As JSON has it when JSON could have it: exact, and of any size.
            if let number = JSONNumber(lexeme: scalar.string) { return .number(number) }
            if let integer = node.int { return .number(JSONNumber(Int64(integer))) }
            guard let double = node.float, double.isFinite else {
                throw YAMLDecoder.refusal(
                    "\(scalar.string) is no number, at \(place(of: node))")
            }
            return .number(JSONNumber(double))
        default: return .string(text)
        }
    }
}

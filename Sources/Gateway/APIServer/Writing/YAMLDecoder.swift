// YAML bodies become the same values as JSON bodies. Yams parses; this file decides what a scalar
// is.

import APIModel
import Buffers
import JSON
import Yams

enum YAMLDecoder {
    /// - Throws: 400 with Yams' position and reason.
    static func decode(_ bytes: Bytes, as kind: String) throws(APIStatus) -> DecodedBody {
        do {
            guard let node = try Yams.compose(yaml: bytes.description) else {
                throw BodyDecoder.unrecognized(bytes, kind, "yaml: the document is empty")
            }
            return DecodedBody(value: try value(of: node, depth: 0))
        } catch let status as APIStatus {
            throw status
        } catch {
            throw .badRequest("error converting YAML to JSON: \(error)")
        }
    }

    private static func value(of node: Node, depth: Int) throws(APIStatus) -> JSONValue {
        guard depth < Limits.yamlDepthMax else {
            throw .badRequest("error converting YAML to JSON: nested too deeply")
        }
        switch node {
        case .scalar(let scalar): return try self.scalar(scalar, node)
        case .sequence(let sequence):
            var elements: [JSONValue] = []
            for element in sequence { elements.append(try value(of: element, depth: depth + 1)) }
            return .array(elements)
        case .mapping(let mapping):
            var object = JSONObject(reserving: mapping.count)
            for (key, member) in mapping {
                guard let name = key.scalar?.string else {
                    throw .badRequest("error converting YAML to JSON: a key is not a scalar")
                }
                object[name] = try value(of: member, depth: depth + 1)
            }
            return .object(object)
        case .alias:
            throw .badRequest("error converting YAML to JSON: aliases are not accepted")
        }
    }

    /// A plain scalar is resolved by the core schema (YAML 1.1, as Kubernetes reads it); a quoted
    /// one is a string.
    private static func scalar(_ scalar: Node.Scalar, _ node: Node) throws(APIStatus) -> JSONValue {
        guard scalar.style == .plain || scalar.style == .any else { return .string(scalar.string) }
        switch Tag.Name(rawValue: node.tag.rawValue) {
        case Tag.Name.null: return .null
        case Tag.Name.bool: return .bool(node.bool ?? false)
        case Tag.Name.int:
            if let integer = node.int { return .number(JSONNumber(Int64(integer))) }
            return .string(scalar.string)
        case Tag.Name.float:
            if let number = JSONNumber(lexeme: scalar.string) { return .number(number) }
            guard let double = node.float, double.isFinite else {
                throw .badRequest("error converting YAML to JSON: \(scalar.string) is no number")
            }
            return .number(JSONNumber(double))
        default: return .string(scalar.string)
        }
    }
}

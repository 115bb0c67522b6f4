// JSON documents as YAML, members in order of their names as Kubernetes writes them.

import APIModel
import Buffers
import JSON
import Yams

enum YAMLEncoder {
    static func encode(_ json: Bytes) throws(APIStatus) -> Bytes {
        do {
            return Bytes(try Yams.serialize(node: node(JSONValue(parsing: json)), width: -1))
        } catch {
            throw .internalError("the answer could not be written as YAML: \(error)")
        }
    }

    private static func node(_ value: JSONValue) -> Node {
        switch value {
        case .null: Node("null", Tag(.null), .plain)
        case .bool(let flag): Node(flag ? "true" : "false", Tag(.bool), .plain)
        case .number(let number):
            Node(number.lexeme, Tag(number.isInteger ? .int : .float), .plain)
        case .string(let text): Node(text, Tag(.str), style(of: text))
        case .array(let elements): .sequence(Node.Sequence(elements.map(node), Tag(.seq), .block))
        case .object(let members): mapping(members)
        }
    }

    private static func mapping(_ members: JSONObject) -> Node {
        let pairs = members.sorted { $0.key < $1.key }.map {
            (Node($0.key, Tag(.str), style(of: $0.key)), node($0.value))
        }
        return .mapping(Node.Mapping(pairs, Tag(.map), pairs.isEmpty ? .flow : .block))
    }

    /// Text that a reader could take for something else is quoted; text of several lines is a
    /// block.
    private static func style(of text: String) -> Node.Scalar.Style {
        if text.contains("\n"), !text.hasPrefix(" "), !text.contains("\t") { return .literal }
        return Resolver.default.resolveTag(of: Node(text)) == .str && !text.isEmpty
            ? .any : .doubleQuoted
    }
}

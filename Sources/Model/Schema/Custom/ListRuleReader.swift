// How the elements of a list that a user defined are told apart, and how a map is changed.

import APIModel
import JSON

struct ListRuleReader {
    private let reader: CustomSchemaReader

    init(_ reader: CustomSchemaReader) { self.reader = reader }

    func apply(to node: SchemaNode) {
        node.list = listRules()
        if node.list.kind != .atomic { checkElements(node) }
        guard let type = reader.string("x-kubernetes-map-type") else { return }
        guard type == "atomic" || type == "granular" else {
            reader.report.add(
                .notSupported(
                    reader.path.child("x-kubernetes-map-type"), .string(type),
                    supported: ["atomic", "granular"]))
            return
        }
        if node.shape != .object, node.shape != .map {
            reader.refuse("type", "must be object if x-kubernetes-map-type is specified")
        }
        node.isAtomic = type == "atomic"
    }

    private func listRules() -> ListRules {
        var rules = ListRules()
        let keys = reader.strings("x-kubernetes-list-map-keys")
        guard let name = reader.string("x-kubernetes-list-type") else {
            if !keys.isEmpty {
                reader.require("x-kubernetes-list-type", "must be map if keys are specified")
            }
            return rules
        }
        guard let kind = ListRules.Kind(rawValue: name) else {
            reader.report.add(
                .notSupported(
                    reader.path.child("x-kubernetes-list-type"), .string(name),
                    supported: ["atomic", "map", "set"]))
            return rules
        }
        rules.kind = kind
        rules.keys = keys
        if kind == .map, keys.isEmpty {
            reader.require(
                "x-kubernetes-list-map-keys",
                "must not be empty if x-kubernetes-list-type is map")
            rules.kind = .atomic
        }
        if kind != .map, !keys.isEmpty {
            reader.refuse(
                "x-kubernetes-list-type", "must be map if x-kubernetes-list-map-keys is non-empty")
        }
        return rules
    }

    private func checkElements(_ node: SchemaNode) {
        guard node.shape == .array else {
            reader.refuse("type", "must be array if x-kubernetes-list-type is specified")
            node.list = ListRules()
            return
        }
        guard let element = node.element, let items = reader.schema("items") else { return }
        if node.list.kind == .set {
            checkSet(element, items)
        } else {
            checkMap(node, element, items)
        }
    }

    /// Elements of a set are compared as a whole.
    private func checkSet(_ element: SchemaNode, _ items: CustomSchemaReader) {
        if items.bool("nullable") {
            items.forbid(
                "nullable", "cannot be nullable when x-kubernetes-list-type is set")
        }
        let type = items.string("x-kubernetes-map-type")
        switch element.shape {
        case .object, .map:
            if type != "atomic" {
                items.refuse(
                    "x-kubernetes-map-type", "must be atomic as item of a list with type set")
            }
        case .array:
            if ![nil, "atomic"].contains(items.string("x-kubernetes-list-type")) {
                items.refuse(
                    "x-kubernetes-list-type", "must be atomic as item of a list with type set")
            }
        default: break
        }
    }

    private func checkMap(
        _ node: SchemaNode, _ element: SchemaNode, _ items: CustomSchemaReader
    ) {
        if element.shape != .object {
            items.refuse("type", "must be object if the list is of type map")
            return
        }
        if items.bool("nullable") {
            items.forbid("nullable", "cannot be nullable when x-kubernetes-list-type is map")
        }
        let path = reader.path.child("x-kubernetes-list-map-keys")
        for (index, key) in node.list.keys.enumerated() {
            if node.list.keys[..<index].contains(key) {
                reader.report.add(.duplicate(path.index(index), .string(key)))
            }
            checkKey(key, element, items, at: path.index(index))
        }
    }

    private func checkKey(
        _ key: String, _ element: SchemaNode, _ items: CustomSchemaReader, at path: FieldPath
    ) {
        guard let property = element.property(key) else {
            reader.report.add(
                .invalid(path, .string(key), "must be the name of a property of the items"))
            return
        }
        let place = items.path.child("properties").key(key)
        switch property.node.shape {
        case .string, .integer, .number, .boolean, .intOrString: break
        default:
            reader.report.add(
                .invalid(
                    place.child("type"), .string(property.node.shape.name),
                    "must be a scalar type if parent array's x-kubernetes-list-type is map"))
        }
        if property.node.isNullable {
            reader.report.add(.forbidden(place.child("nullable"), "a key cannot be null"))
        }
        guard !property.isRequired, property.defaultValue == nil else { return }
        reader.report.add(
            .required(
                place.child("default"),
                "this property is in x-kubernetes-list-map-keys, so it must have a default or be "
                    + "a required property"))
    }
}

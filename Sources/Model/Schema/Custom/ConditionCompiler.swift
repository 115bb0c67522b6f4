// `allOf`, `anyOf`, `oneOf` and `not` of a schema that a user wrote.

import APIModel
import JSON

/// Compiles schemas that only judge. What would change a value is refused in them.
struct ConditionCompiler {
    /// What a structural schema states outside of `allOf` and its like, and nowhere else.
    private static let structuralKeywords = [
        "additionalProperties", "default", "description", "nullable", "title", "type",
        "x-kubernetes-embedded-resource", "x-kubernetes-int-or-string",
        "x-kubernetes-list-map-keys", "x-kubernetes-list-type", "x-kubernetes-map-type",
        "x-kubernetes-preserve-unknown-fields",
    ]

    /// The schema around that says what the members are.
    let structure: CustomSchemaReader

    /// The conditions that stand in `structure` itself; `nil` when there are none.
    func junctions() -> ValueCondition? {
        let condition = ValueCondition()
        addJunctions(of: structure, structure, to: condition)
        return condition.isEmpty ? nil : condition
    }

    private func addJunctions(
        of reader: CustomSchemaReader, _ structure: CustomSchemaReader?,
        to condition: ValueCondition
    ) {
        let isIntOrString = structure?.bool("x-kubernetes-int-or-string") ?? false
        func compile(_ name: String) -> [ValueCondition] {
            reader.schemas(name).map {
                self.condition($0, structure, mayHaveType: isIntOrString)
            }
        }
        condition.all = compile("allOf")
        condition.any = compile("anyOf")
        condition.one = compile("oneOf")
        condition.none = reader.schema("not").map { self.condition($0, structure) }
    }

    private func condition(
        _ reader: CustomSchemaReader, _ structure: CustomSchemaReader?, mayHaveType: Bool = false
    ) -> ValueCondition {
        for keyword in Self.structuralKeywords where reader.has(keyword) {
            if keyword == "type", mayHaveType { continue }
            reader.forbid(keyword, "must be undefined to be structural")
        }
        let condition = ValueCondition()
        condition.constraints = reader.constraints()
        condition.requiredNames = reader.strings("required")
        if mayHaveType, let type = reader.string("type") {
            condition.type = type == "integer" ? .integer : type == "string" ? .string : nil
        }
        for (name, member) in reader.namedSchemas("properties") {
            let outside = structure?.member(name)
            if outside == nil, structure?.keepsAnything != true {
                reportMissing("properties[\(name)]", in: structure, becauseOf: member)
            }
            condition.properties.append((name, self.condition(member, outside)))
        }
        if let items = reader.schema("items") {
            let outside = structure?.schema("items")
            if outside == nil, structure?.keepsAnything != true {
                reportMissing("items", in: structure, becauseOf: items)
            }
            condition.items = self.condition(items, outside)
        }
        addJunctions(of: reader, structure, to: condition)
        if reader.has("x-kubernetes-validations") {
            reader.forbid("x-kubernetes-validations", "must be empty to be structural")
        }
        return condition
    }

    private func reportMissing(
        _ member: String, in structure: CustomSchemaReader?, becauseOf reader: CustomSchemaReader
    ) {
        let path = structure?.path.child(member) ?? reader.path
        reader.report.add(.required(path, "because it is defined in \(reader.path)"))
    }
}

extension CustomSchemaReader {
    /// The schema of a member: its own, or that of all values of a map.
    fileprivate func member(_ name: String) -> CustomSchemaReader? {
        if let own = object("properties")[name] {
            return CustomSchemaReader(own, path.child("properties").key(name), report)
        }
        guard members["additionalProperties"]?.object != nil else { return nil }
        return schema("additionalProperties")
    }

    /// Whether any member may be here without being described.
    fileprivate var keepsAnything: Bool { bool("x-kubernetes-preserve-unknown-fields") }
}

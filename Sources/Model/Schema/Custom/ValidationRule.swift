// Rules as expressions: `x-kubernetes-validations`.

import APIModel
import CEL
import JSON

/// A rule that values must meet.
struct ValidationRule: Sendable {
    let program: Program
    let message: String
    let messageProgram: Program?
    let kind: FieldError.Kind
    /// The field below the value that a failure is reported for.
    let field: FieldQuery?
    let usesOldSelf: Bool
    /// Whether the rule holds for new values, too, with an optional `oldSelf`.
    let hasOptionalOldSelf: Bool

    /// Whether there is anything to ask of a value without a former one.
    var holdsForNew: Bool { !usesOldSelf || hasOptionalOldSelf }
}

/// Reads the rules of a schema that a user wrote.
struct RuleReader {
    private static let reasons: [String: FieldError.Kind] = [
        "FieldValueInvalid": .invalid, "FieldValueForbidden": .forbidden,
        "FieldValueRequired": .required, "FieldValueDuplicate": .duplicate,
    ]

    let reader: CustomSchemaReader
    let node: SchemaNode
    /// Whether a former value can be found for each value here.
    let isCorrelatable: Bool

    func rules() -> [ValidationRule] {
        reader.array("x-kubernetes-validations").enumerated().compactMap { index, rule in
            self.rule(rule, at: reader.path.child("x-kubernetes-validations").index(index))
        }
    }

    /// `nil` when it cannot be used; the reasons are noted.
    private func rule(_ rule: JSONValue, at path: FieldPath) -> ValidationRule? {
        let reader = CustomSchemaReader(rule, path, reader.report)
        guard let source = reader.string("rule"), source.contains(where: { !$0.isWhitespace })
        else {
            reader.require("rule", "rule is not specified")
            return nil
        }
        checkMessage(reader, source)
        let isOptional = reader.bool("optionalOldSelf")
        let environment = Environment([
            "self": node.celType,
            "oldSelf": isOptional ? .optional(node.celType) : node.celType,
        ])
        guard let program = compile(source, .bool, environment, reader, "rule") else { return nil }
        let usesOldSelf = program.usedVariables.contains("oldSelf")
        checkTransition(reader, usesOldSelf: usesOldSelf, isOptional: isOptional)
        var messageProgram: Program?
        if let text = reader.string("messageExpression") {
            messageProgram = compile(text, .string, environment, reader, "messageExpression")
        }
        return ValidationRule(
            program: program, message: reader.string("message") ?? "",
            messageProgram: messageProgram, kind: kind(reader), field: field(reader),
            usesOldSelf: usesOldSelf, hasOptionalOldSelf: isOptional)
    }

    private func compile(
        _ source: String, _ type: CELType, _ environment: Environment,
        _ reader: CustomSchemaReader, _ member: String
    ) -> Program? {
        do {
            let program = try Program(source, in: environment)
            try program.require(type)
            return program
        } catch {
            reader.report.add(
                .invalid(reader.path.child(member), .string(source), error.description))
            return nil
        }
    }

    private func checkMessage(_ reader: CustomSchemaReader, _ source: String) {
        let message = reader.string("message")
        if let message, message.contains(where: \.isNewline) {
            reader.refuse("message", "message must not contain line breaks")
        }
        if let message, !message.contains(where: { !$0.isWhitespace }) {
            reader.refuse("message", "message must be non-empty if specified")
        }
        if message == nil, source.contains(where: \.isNewline), !reader.has("messageExpression") {
            reader.require("message", "message must be specified if rule contains line breaks")
        }
    }

    private func checkTransition(
        _ reader: CustomSchemaReader, usesOldSelf: Bool, isOptional: Bool
    ) {
        if usesOldSelf, !isCorrelatable {
            reader.refuse(
                "rule",
                "oldSelf cannot be used on the uncorrelatable portion of the schema: elements of "
                    + "lists that are not of type map")
        }
        if isOptional, !usesOldSelf {
            reader.refuse(
                "optionalOldSelf", "may not be set if oldSelf is not used in rule")
        }
    }

    private func kind(_ reader: CustomSchemaReader) -> FieldError.Kind {
        guard let name = reader.string("reason") else { return .invalid }
        guard let kind = Self.reasons[name] else {
            reader.report.add(
                .notSupported(
                    reader.path.child("reason"), .string(name),
                    supported: Self.reasons.keys.sorted()
                ))
            return .invalid
        }
        return kind
    }

    /// A path that begins with the value's own members.
    private func field(_ reader: CustomSchemaReader) -> FieldQuery? {
        guard let text = reader.string("fieldPath") else { return nil }
        guard let query = FieldQuery(text), let names = query.names else {
            reader.refuse("fieldPath", "fieldPath must be a valid path")
            return nil
        }
        var place: SchemaNode? = node
        for name in names { place = place?.property(name)?.node ?? place?.element }
        guard place != nil else {
            reader.refuse("fieldPath", "fieldPath must refer to an existing field")
            return nil
        }
        return query
    }
}

extension SchemaNode {
    /// The type that expressions see.
    var celType: CELType {
        switch shape {
        case .object: custom?.objectType.map { .object($0) } ?? .dyn
        case .map: .map(.string, element?.celType ?? .dyn)
        case .array: .list(element?.celType ?? .dyn)
        case .string: textType
        case .integer: .int
        case .number: .double
        case .boolean: .bool
        case .intOrString, .any: .dyn
        }
    }

    private var textType: CELType {
        switch constraints?.customFormat {
        case .dateTime, .date: .timestamp
        case .duration: .duration
        case .byte: .bytes
        default: .string
        }
    }

    /// The fields that expressions may name. Of metadata these are the name and its beginning.
    func makeObjectType(isWhole: Bool) -> ObjectType {
        var fields: [String: CELType] = [:]
        for property in properties {
            guard let name = FieldName.escape(property.name) else { continue }
            fields[name] =
                isWhole && property.name == "metadata"
                ? .object(Self.metadataType) : property.node.celType
        }
        return ObjectType(name: "object", fields: fields)
    }

    private static let metadataType = ObjectType(
        name: "object", fields: ["name": .string, "generateName": .string])
}

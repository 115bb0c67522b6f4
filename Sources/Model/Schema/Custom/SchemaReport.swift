// Reads the members of a schema that a user wrote, and notes everything that is wrong with it.

import APIModel
import JSON

/// Where everything that is wrong with a definition is collected.
final class SchemaReport {
    private(set) var errors: [FieldError] = []

    func add(_ error: FieldError) {
        guard errors.count < Limits.reportedErrorCountMax, !errors.contains(error) else { return }
        errors.append(error)
    }
}

/// One schema of a definition.
struct CustomSchemaReader {
    let members: JSONObject
    let path: FieldPath
    let report: SchemaReport
    /// False for what is no schema at all.
    let isSchema: Bool

    /// What is no schema at all reads as an empty one, and is noted.
    init(_ value: JSONValue, _ path: FieldPath, _ report: SchemaReport) {
        self.path = path
        self.report = report
        if case .object(let object) = value {
            members = object
            isSchema = true
        } else {
            isSchema = false
            members = JSONObject()
            report.add(
                .typeInvalid(path, value.shape, "must be a schema object, not \(value.typeName)"))
        }
    }

    func has(_ name: String) -> Bool { members[name].map { !$0.isNull } ?? false }

    func bool(_ name: String) -> Bool { read(name, "a boolean", \.bool) ?? false }
    func string(_ name: String) -> String? { read(name, "a string", \.string) }
    func object(_ name: String) -> JSONObject { read(name, "an object", \.object) ?? JSONObject() }
    func array(_ name: String) -> [JSONValue] { read(name, "an array", \.array) ?? [] }

    func number(_ name: String) -> JSONNumber? {
        read(name, "a number") { if case .number(let number) = $0 { number } else { nil } }
    }

    /// A length or a count.
    func count(_ name: String) -> Int? {
        guard let count = read(name, "an integer", \.int) else { return nil }
        guard count >= 0 else {
            refuse(name, "must be greater than or equal to 0")
            return nil
        }
        return Int(count)
    }

    func strings(_ name: String) -> [String] {
        read(name, "an array of strings") { value in
            guard let array = value.array else { return nil }
            let strings = array.compactMap(\.string)
            return strings.count == array.count ? strings : nil
        } ?? []
    }

    private func read<Value>(
        _ name: String, _ expected: String, _ convert: (JSONValue) -> Value?
    ) -> Value? {
        guard let value = members[name], !value.isNull else { return nil }
        guard let converted = convert(value) else {
            report.add(
                .typeInvalid(
                    path.child(name), value.shape, "must be \(expected), not \(value.typeName)"))
            return nil
        }
        return converted
    }

    /// The schema that is the member `name`; `nil` when there is none.
    func schema(_ name: String) -> CustomSchemaReader? {
        guard let value = members[name], !value.isNull else { return nil }
        return CustomSchemaReader(value, path.child(name), report)
    }

    /// The schemas of a list.
    func schemas(_ name: String) -> [CustomSchemaReader] {
        array(name).enumerated().map {
            CustomSchemaReader($1, path.child(name).index($0), report)
        }
    }

    /// The schemas of a map.
    func namedSchemas(_ name: String) -> [(name: String, schema: CustomSchemaReader)] {
        object(name).map {
            ($0.key, CustomSchemaReader($0.value, path.child(name).key($0.key), report))
        }
    }

    // MARK: Reporting

    func refuse(_ name: String, _ detail: String) {
        report.add(.invalid(path.child(name), members[name]?.shape, detail))
    }

    func forbid(_ name: String, _ detail: String) {
        report.add(.forbidden(path.child(name), detail))
    }

    func require(_ name: String, _ detail: String) {
        report.add(.required(path.child(name), detail))
    }
}

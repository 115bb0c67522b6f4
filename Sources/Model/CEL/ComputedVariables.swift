// Variables that are expressions themselves.

/// Expressions under names, which others use as fields of one variable: `variables.name`. Each is
/// evaluated when it is first used, and at most once for one object; one that nobody uses may have
/// no value.
public struct ComputedVariables: Sendable {
    /// What expressions call the whole.
    let name: String
    let programs: [String: Program]
    var known: [String: Result<Value, EvaluationError>] = [:]

    /// - Parameters:
    ///   - name: of the whole.
    ///   - programs: by name; each may use those before it.
    public init(_ name: String, _ programs: [String: Program]) {
        self.name = name
        self.programs = programs
    }

    /// What expressions may say about the whole.
    public var type: CELType {
        .object(ObjectType(name: "kubernetes.\(name)", fields: programs.mapValues(\.type)))
    }
}

// What an expression may speak of.

/// The variables of expressions and their types. The functions are the same everywhere.
public struct Environment: Sendable {
    let variables: [String: CELType]

    public init(_ variables: [String: CELType]) { self.variables = variables }

    /// The same and one more variable.
    public func adding(_ name: String, _ type: CELType) -> Environment {
        var variables = variables
        variables[name] = type
        return Environment(variables)
    }
}

/// An expression that makes sense, ready to be evaluated any number of times.
public struct Program: Sendable {
    public let source: String
    let root: Expression
    /// What it evaluates to.
    public let type: CELType
    /// The variables that it speaks of.
    public let usedVariables: Set<String>

    /// - Throws: `CompilationError` for what is no expression, what speaks of things that are not
    ///   there, does not fit together, or is not known to this server.
    public init(_ source: String, in environment: Environment) throws(CompilationError) {
        self.source = source
        root = try Parser.parse(source)
        var checker = Checker(environment)
        do {
            type = try checker.type(of: root)
        } catch {
            throw CompilationError(error.message, at: error.offset, in: source)
        }
        usedVariables = checker.usedVariables
    }

    /// Checks that the expression evaluates to `wanted`, as far as that is known.
    /// - Throws: `CompilationError` when it does not.
    public func require(_ wanted: CELType) throws(CompilationError) {
        guard type == wanted || type == .dyn else {
            throw CompilationError(
                "must evaluate to \(wanted.name), and evaluates to \(type.name)", at: 0, in: source)
        }
    }

    /// - Parameters:
    ///   - variables: their values, by name.
    ///   - budget: how many steps are left; those that are taken are taken off.
    /// - Throws: `EvaluationError` when there is no value, or the budget is used up.
    public func evaluate(
        _ variables: [String: Value], budget: inout Budget
    ) throws(EvaluationError) -> Value {
        var evaluator = Evaluator(variables, budget: budget)
        defer { budget = evaluator.budget }
        return try evaluator.value(of: root)
    }

    /// The same with variables that are expressions.
    /// - Parameter computed: keeps what has been evaluated for the next program.
    public func evaluate(
        _ variables: [String: Value], _ computed: inout ComputedVariables, budget: inout Budget
    ) throws(EvaluationError) -> Value {
        var evaluator = Evaluator(variables, budget: budget)
        evaluator.computed = computed
        defer {
            budget = evaluator.budget
            computed = evaluator.computed ?? computed
        }
        return try evaluator.value(of: root)
    }
}

/// How many steps evaluations may take.
public struct Budget: Sendable {
    public private(set) var remaining: Int

    public init(_ steps: Int = Limits.costPerEvaluationMax) { remaining = steps }

    mutating func spend(_ steps: Int = 1) throws(EvaluationError) {
        remaining -= steps
        guard remaining >= 0 else { throw EvaluationError.tooExpensive }
    }
}

/// Why an expression has no value.
public struct EvaluationError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }

    /// The budget is used up. Not swallowed by `||` and `&&`.
    public static let tooExpensive = EvaluationError(
        "operation cancelled: actual cost limit exceeded")

    static func noOverload(_ name: String) -> EvaluationError {
        EvaluationError("no such overload: \(name)")
    }
}

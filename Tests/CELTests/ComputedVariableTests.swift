import JSON
import Testing

@testable import CEL

/// Variables that are expressions themselves.
@Suite struct ComputedVariableTests {
    /// Each may use those before it.
    private static func computed(_ sources: [(String, String)]) throws -> ComputedVariables {
        var programs: [String: Program] = [:]
        for (name, source) in sources {
            let environment = Sample.environment.adding(
                "variables", ComputedVariables("variables", programs).type)
            programs[name] = try Program(source, in: environment)
        }
        return ComputedVariables("variables", programs)
    }

    private static func evaluate(
        _ source: String, _ computed: inout ComputedVariables, budget: inout Budget
    ) throws -> Value {
        let program = try Program(
            source, in: Sample.environment.adding("variables", computed.type))
        return try program.evaluate(
            ["self": Value(Sample.object, as: .object(Sample.type)), "x": Value(["k": 1])],
            &computed, budget: &budget)
    }

    @Test(arguments: [
        ("variables.twice", "6"), ("variables.more + 1", "8"),
        ("[1, 2].map(i, i + variables.twice)", "[7, 8]"),
        ("[10].map(variables, variables + 1)", "[11]"), ("has(variables.twice)", "true"),
        ("true || variables.broken == 1", "true"),
        ("has(x.none) && variables.broken == 1", "false"),
        ("[1].map(i, variables.shadow)", "[3]"),
    ])
    func `are fields of one variable`(source: String, shown: String) throws {
        var computed = try Self.computed([
            ("twice", "self.replicas * 2"), ("more", "variables.twice + 1"),
            ("broken", "x.none"), ("shadow", "[3].map(i, i)[0]"),
        ])
        var budget = Budget()
        #expect(try Self.evaluate(source, &computed, budget: &budget).shown == shown)
    }

    @Test func `have no value where their expression has none, each time`() throws {
        var computed = try Self.computed([("broken", "x.none")])
        var budget = Budget()
        for _ in 0..<2 {
            #expect(throws: EvaluationError("no such key: none")) {
                try Self.evaluate("variables.broken == 1", &computed, budget: &budget)
            }
        }
    }

    @Test func `are evaluated once`() throws {
        let sources = (1...40).map { ("v\($0)", "variables.v\($0 - 1) + variables.v\($0 - 1)") }
        var computed = try Self.computed([("v0", "1")] + sources)
        var budget = Budget(1000)
        let value = try Self.evaluate("variables.v40", &computed, budget: &budget)
        #expect(value.shown == String(1 << 40))
        let left = budget.remaining
        _ = try Self.evaluate("variables.v40", &computed, budget: &budget)
        #expect(left - budget.remaining < 3)
    }

    @Test func `speak only of those before them`() {
        #expect(throws: CompilationError.self) { try Self.computed([("a", "variables.b")]) }
        #expect(throws: CompilationError.self) { try Self.computed([("a", "variables.a")]) }
    }
}

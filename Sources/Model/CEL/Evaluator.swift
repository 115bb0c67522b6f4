// What an expression evaluates to, step by step.

struct Evaluator {
    private let variables: [String: Value]
    /// The variables of the macros around, the innermost last.
    private var scopes: [(name: String, value: Value)] = []
    var budget: Budget
    /// Variables that are expressions, and what has become of them so far.
    var computed: ComputedVariables?

    init(_ variables: [String: Value], budget: Budget) {
        self.variables = variables
        self.budget = budget
    }

    mutating func value(of expression: Expression) throws(EvaluationError) -> Value {
        switch expression.content {
        case .literal(let value): return value
        case .identifier(let name): return try identifier(name)
        case .select(let operand, let field, let isOptional):
            if let found = try computedValue(operand, field) {
                return isOptional ? .optional(found) : found
            }
            return try selection(try value(of: operand), field, isOptional)
        case .has(let operand, let field):
            if let computed, names(operand, computed) {
                return .bool(computed.programs[field] != nil)
            }
            return .bool(try has(try value(of: operand), field))
        case .index(let operand, let index, let isOptional):
            return try element(of: try value(of: operand), try value(of: index), isOptional)
        case .call(let name, let receiver, let arguments):
            return try call(name, receiver, arguments)
        case .list(let elements): return .list(ListValue(try values(of: elements)))
        case .map(let entries): return try map(entries)
        case .and(let left, let right): return try junction(left, right, deciding: false)
        case .or(let left, let right): return try junction(left, right, deciding: true)
        case .conditional(let condition, let first, let second):
            try budget.spend()
            guard case .bool(let isMet) = try value(of: condition) else {
                throw .noOverload("_?_:_")
            }
            return try value(of: isMet ? first : second)
        case .comprehension(let comprehension): return try self.comprehension(comprehension)
        }
    }

    private mutating func values(
        of expressions: [Expression]
    ) throws(EvaluationError) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(expressions.count)
        for expression in expressions { values.append(try value(of: expression)) }
        return values
    }

    private mutating func map(
        _ entries: [(key: Expression, value: Expression)]
    ) throws(EvaluationError) -> Value {
        try budget.spend(entries.count)
        var result: [(key: Value, value: Value)] = []
        for entry in entries {
            let key = try value(of: entry.key)
            guard !result.contains(where: { $0.key.isEqual(to: key) }) else {
                throw EvaluationError("a key of a map stands twice")
            }
            result.append((key, try value(of: entry.value)))
        }
        return .map(MapValue(result))
    }

    private mutating func identifier(_ name: String) throws(EvaluationError) -> Value {
        try budget.spend()
        if let local = scopes.last(where: { $0.name == name }) { return local.value }
        if let value = variables[name] { return value }
        if Functions.typeNames.contains(name) { return .type(name) }
        throw EvaluationError("no such attribute: \(name)")
    }

    // MARK: Selections

    private mutating func selection(
        _ operand: Value, _ field: String, _ isOptional: Bool
    ) throws(EvaluationError) -> Value {
        try budget.spend()
        switch operand {
        case .map(let map):
            let found = map.field(field)
            if isOptional { return .optional(found) }
            guard let found else { throw EvaluationError("no such key: \(field)") }
            return found
        case .optional(let wrapped):
            guard let wrapped else { return .optional(nil) }
            let found = try selection(wrapped, field, true)
            return found
        default: throw .noOverload("\(operand.typeName).\(field)")
        }
    }

    private func names(_ operand: Expression, _ computed: ComputedVariables) -> Bool {
        guard case .identifier(computed.name) = operand.content else { return false }
        return !scopes.contains { $0.name == computed.name }
    }

    /// The value of a variable that is an expression; `nil` when `operand` names something else.
    private mutating func computedValue(
        _ operand: Expression, _ field: String
    ) throws(EvaluationError) -> Value? {
        guard let computed, names(operand, computed) else { return nil }
        try budget.spend()
        if let known = computed.known[field] { return try known.get() }
        guard let program = computed.programs[field] else {
            throw EvaluationError("no such key: \(field)")
        }
        // The macros around the use are none around the definition.
        let around = scopes
        scopes = []
        defer { scopes = around }
        let result = try outcome(of: program.root)
        self.computed?.known[field] = result
        return try result.get()
    }

    private mutating func has(
        _ operand: Value, _ field: String
    ) throws(EvaluationError) -> Bool {
        try budget.spend()
        switch operand {
        case .map(let map):
            // A field that is null is not there.
            guard let value = map.field(field) else { return false }
            if case .null = value { return false }
            return true
        case .optional(let wrapped):
            return try wrapped.map { value throws(EvaluationError) in
                try has(value, field)
            } ?? false
        default: throw .noOverload("has(\(operand.typeName).\(field))")
        }
    }

    private mutating func element(
        of operand: Value, _ index: Value, _ isOptional: Bool
    ) throws(EvaluationError) -> Value {
        try budget.spend()
        let found: Value?
        switch operand {
        case .list(let list):
            guard let position = index.wholeNumber else { throw .noOverload("_[_]") }
            found = list.count > position && position >= 0 ? list[Int(position)] : nil
            if found == nil, !isOptional {
                throw EvaluationError("index out of bounds: \(position)")
            }
        case .map(let map):
            found = map[index]
            if found == nil, !isOptional {
                throw EvaluationError("no such key: \(index.shown)")
            }
        case .optional(let wrapped):
            guard let wrapped else { return .optional(nil) }
            return try element(of: wrapped, index, true)
        default: throw .noOverload("_[_]")
        }
        if isOptional { return .optional(found) }
        return found ?? .null
    }

    // MARK: Calls

    private mutating func call(
        _ name: String, _ receiver: Expression?, _ arguments: [Expression]
    ) throws(EvaluationError) -> Value {
        try budget.spend()
        if case .identifier(let space)? = receiver?.content,
            Functions.signatures["\(space).\(name)"] != nil, variables[space] == nil,
            !scopes.contains(where: { $0.name == space })
        {
            return try Functions.call("\(space).\(name)", try values(of: arguments), &budget)
        }
        // The alternative of an optional value is looked at only where it is needed.
        if let receiver, name == "orValue" || name == "or", arguments.count == 1 {
            guard case .optional(let wrapped) = try value(of: receiver) else {
                throw .noOverload(name)
            }
            guard let wrapped else { return try value(of: arguments[0]) }
            return name == "or" ? .optional(wrapped) : wrapped
        }
        var operands: [Value] = []
        if let receiver { operands.append(try value(of: receiver)) }
        operands += try values(of: arguments)
        return try Functions.call(name, operands, &budget)
    }

    /// `&&` and `||`: one side that decides is enough, also when the other has no value.
    private mutating func junction(
        _ left: Expression, _ right: Expression, deciding: Bool
    ) throws(EvaluationError) -> Value {
        try budget.spend()
        let first = try outcome(of: left)
        if case .success(.bool(deciding)) = first { return .bool(deciding) }
        let second = try outcome(of: right)
        if case .success(.bool(deciding)) = second { return .bool(deciding) }
        guard case .bool = try first.get(), case .bool = try second.get() else {
            throw .noOverload(deciding ? "_||_" : "_&&_")
        }
        return .bool(!deciding)
    }

    /// - Throws: only when the budget is used up.
    private mutating func outcome(
        of expression: Expression
    ) throws(EvaluationError) -> Result<Value, EvaluationError> {
        do throws(EvaluationError) {
            return .success(try value(of: expression))
        } catch {
            guard error != .tooExpensive else { throw error }
            return .failure(error)
        }
    }

    // MARK: Macros

    private mutating func comprehension(
        _ comprehension: Comprehension
    ) throws(EvaluationError) -> Value {
        try budget.spend()
        let elements: [Value]
        switch try value(of: comprehension.range) {
        case .list(let list): elements = list.values
        case .map(let map): elements = map.keys
        default: throw .noOverload(comprehension.kind.rawValue)
        }
        switch comprehension.kind {
        case .all: return try quantify(comprehension, elements, deciding: false)
        case .exists: return try quantify(comprehension, elements, deciding: true)
        case .existsOne:
            var count = 0
            for element in elements where try test(comprehension.body, comprehension, element) {
                count += 1
            }
            return .bool(count == 1)
        case .filter:
            var kept: [Value] = []
            for element in elements where try test(comprehension.body, comprehension, element) {
                kept.append(element)
            }
            return .list(ListValue(kept))
        case .map:
            var made: [Value] = []
            for element in elements {
                if let condition = comprehension.condition,
                    try !test(condition, comprehension, element)
                {
                    continue
                }
                made.append(try body(comprehension.body, comprehension, element))
            }
            return .list(ListValue(made))
        }
    }

    /// `all` and `exists`: one element that decides is enough, also when others have no value.
    private mutating func quantify(
        _ comprehension: Comprehension, _ elements: [Value], deciding: Bool
    ) throws(EvaluationError) -> Value {
        var failure: EvaluationError?
        for element in elements {
            do throws(EvaluationError) {
                if try test(comprehension.body, comprehension, element) == deciding {
                    return .bool(deciding)
                }
            } catch {
                guard error != .tooExpensive else { throw error }
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return .bool(!deciding)
    }

    private mutating func test(
        _ expression: Expression, _ comprehension: Comprehension, _ element: Value
    ) throws(EvaluationError) -> Bool {
        guard case .bool(let bool) = try body(expression, comprehension, element) else {
            throw .noOverload(comprehension.kind.rawValue)
        }
        return bool
    }

    private mutating func body(
        _ expression: Expression, _ comprehension: Comprehension, _ element: Value
    ) throws(EvaluationError) -> Value {
        try budget.spend()
        scopes.append((comprehension.variable, element))
        defer { scopes.removeLast() }
        return try value(of: expression)
    }
}

// Whether the parts of an expression fit together, and what it evaluates to.

struct Checker {
    private let environment: Environment
    /// The variables of the macros around, the innermost last.
    private var scopes: [(name: String, type: CELType)] = []
    private(set) var usedVariables: Set<String> = []

    init(_ environment: Environment) { self.environment = environment }

    mutating func type(of expression: Expression) throws(SyntaxFailure) -> CELType {
        switch expression.content {
        case .literal(let value): return value.literalType
        case .identifier(let name): return try identifier(name, at: expression.offset)
        case .select(let operand, let field, let isOptional):
            return try selection(operand, field, isOptional, at: expression.offset)
        case .has(let operand, let field):
            _ = try selection(operand, field, false, at: expression.offset)
            return .bool
        case .index(let operand, let index, let isOptional):
            return try element(operand, index, isOptional, at: expression.offset)
        case .call(let name, let receiver, let arguments):
            return try call(name, receiver, arguments, at: expression.offset)
        case .list(let elements):
            var types: [CELType] = []
            for element in elements { types.append(try type(of: element)) }
            return .list(Self.common(types))
        case .map(let entries):
            var (keys, values): ([CELType], [CELType]) = ([], [])
            for entry in entries {
                keys.append(try type(of: entry.key))
                values.append(try type(of: entry.value))
            }
            return .map(Self.common(keys), Self.common(values))
        case .and(let left, let right):
            try require(.bool, left, "_&&_")
            try require(.bool, right, "_&&_")
            return .bool
        case .or(let left, let right):
            try require(.bool, left, "_||_")
            try require(.bool, right, "_||_")
            return .bool
        case .conditional(let condition, let first, let second):
            return try conditional(condition, first, second, at: expression.offset)
        case .comprehension(let comprehension):
            return try self.comprehension(comprehension, at: expression.offset)
        }
    }

    /// One type for several values; `dyn` when they differ.
    private static func common(_ types: [CELType]) -> CELType {
        guard let first = types.first else { return .dyn }
        return types.allSatisfy { $0 == first } ? first : .dyn
    }

    private mutating func require(
        _ wanted: CELType, _ expression: Expression, _ operation: String
    ) throws(SyntaxFailure) {
        let found = try type(of: expression)
        guard found == wanted || found == .dyn else {
            throw SyntaxFailure(
                message: "expected type '\(wanted.name)' but found '\(found.name)'",
                offset: expression.offset)
        }
    }

    private mutating func identifier(_ name: String, at offset: Int) throws(SyntaxFailure)
        -> CELType
    {
        if let local = scopes.last(where: { $0.name == name }) { return local.type }
        if let type = environment.variables[name] {
            usedVariables.insert(name)
            return type
        }
        if Functions.typeNames.contains(name) { return .type }
        throw SyntaxFailure(
            message: "undeclared reference to '\(name)' (in container '')", offset: offset)
    }

    // MARK: Selections

    private mutating func selection(
        _ operand: Expression, _ field: String, _ isOptional: Bool, at offset: Int
    ) throws(SyntaxFailure) -> CELType {
        let operandType = try type(of: operand)
        let found = try fieldType(field, of: operandType, at: offset)
        if isOptional, case .optional = found { return found }
        return isOptional ? .optional(found) : found
    }

    private func fieldType(
        _ field: String, of operand: CELType, at offset: Int
    ) throws(SyntaxFailure) -> CELType {
        switch operand {
        case .dyn: return .dyn
        case .map(_, let value): return value
        case .optional(let wrapped):
            return .optional(try fieldType(field, of: wrapped, at: offset))
        case .object(let object):
            guard let type = object.fields[field] else {
                throw SyntaxFailure(message: "undefined field '\(field)'", offset: offset)
            }
            return type
        default:
            throw SyntaxFailure(
                message: "type '\(operand.name)' does not support field selection", offset: offset)
        }
    }

    private mutating func element(
        _ operand: Expression, _ index: Expression, _ isOptional: Bool, at offset: Int
    ) throws(SyntaxFailure) -> CELType {
        let (operandType, indexType) = (try type(of: operand), try type(of: index))
        func found(_ operand: CELType) -> CELType? {
            switch operand {
            case .dyn: .dyn
            case .list(let element) where [.int, .uint, .double, .dyn].contains(indexType): element
            case .map(let key, let value) where [key, .dyn].contains(indexType) || key == .dyn:
                value
            case .optional(let wrapped): found(wrapped).map { .optional($0) }
            default: nil
            }
        }
        guard let type = found(operandType) else {
            throw SyntaxFailure(
                message: "found no matching overload for '_[_]' applied to "
                    + "'(\(operandType.name), \(indexType.name))'", offset: offset)
        }
        if isOptional, case .optional = type { return type }
        return isOptional ? .optional(type) : type
    }

    // MARK: Calls

    private mutating func call(
        _ name: String, _ receiver: Expression?, _ arguments: [Expression], at offset: Int
    ) throws(SyntaxFailure) -> CELType {
        // `optional.of(x)`, `sets.contains(a, b)`: the name has two parts.
        if case .identifier(let space)? = receiver?.content,
            Functions.signatures["\(space).\(name)"] != nil,
            !scopes.contains(where: { $0.name == space }), environment.variables[space] == nil
        {
            return try resolve("\(space).\(name)", nil, arguments, at: offset)
        }
        return try resolve(name, receiver, arguments, at: offset)
    }

    private mutating func resolve(
        _ name: String, _ receiver: Expression?, _ arguments: [Expression], at offset: Int
    ) throws(SyntaxFailure) -> CELType {
        var types: [CELType] = []
        if let receiver { types.append(try type(of: receiver)) }
        for argument in arguments { types.append(try type(of: argument)) }
        guard let signatures = Functions.signatures[name] else {
            throw SyntaxFailure(
                message: "undeclared reference to '\(name)' (in container ''): there is no such "
                    + "function, or this server does not have it",
                offset: offset)
        }
        let results = signatures.filter { $0.hasReceiver == (receiver != nil) }
            .compactMap { $0.result(for: types) }
        guard let first = results.first else {
            let shown = types.map(\.name)
            let list =
                receiver == nil
                ? "(\(shown.joined(separator: ", ")))"
                : "\(shown[0]).(\(shown.dropFirst().joined(separator: ", ")))"
            throw SyntaxFailure(
                message: "found no matching overload for '\(name)' applied to '\(list)'",
                offset: offset)
        }
        if name == "matches" { try checkPattern(arguments.last) }
        return results.allSatisfy { $0 == first } ? first : .dyn
    }

    private func checkPattern(_ argument: Expression?) throws(SyntaxFailure) {
        guard let argument, case .literal(.string(let source)) = argument.content else { return }
        if let problem = Functions.problem(ofPattern: source) {
            throw SyntaxFailure(
                message: "invalid matches argument: \(problem)", offset: argument.offset)
        }
    }

    private mutating func conditional(
        _ condition: Expression, _ first: Expression, _ second: Expression, at offset: Int
    ) throws(SyntaxFailure) -> CELType {
        try require(.bool, condition, "_?_:_")
        let (one, other) = (try type(of: first), try type(of: second))
        if one == other { return one }
        guard let type = one.joined(other) else {
            throw SyntaxFailure(
                message: "found no matching overload for '_?_:_' applied to "
                    + "'(bool, \(one.name), \(other.name))'", offset: offset)
        }
        return type
    }

    // MARK: Macros

    private mutating func comprehension(
        _ comprehension: Comprehension, at offset: Int
    ) throws(SyntaxFailure) -> CELType {
        let range = try type(of: comprehension.range)
        let element: CELType
        switch range {
        case .list(let type): element = type
        case .map(let key, _): element = key
        case .dyn: element = .dyn
        default:
            throw SyntaxFailure(
                message: "expression of type '\(range.name)' cannot be range of a comprehension "
                    + "(must be list, map, or dynamic)", offset: comprehension.range.offset)
        }
        scopes.append((comprehension.variable, element))
        defer { scopes.removeLast() }
        if let condition = comprehension.condition { try require(.bool, condition, "map") }
        switch comprehension.kind {
        case .all, .exists, .existsOne:
            try require(.bool, comprehension.body, comprehension.kind.rawValue)
            return .bool
        case .filter:
            try require(.bool, comprehension.body, "filter")
            return .list(element)
        case .map: return .list(try type(of: comprehension.body))
        }
    }
}

extension Value {
    /// The type of a literal.
    fileprivate var literalType: CELType {
        switch self {
        case .null: .null
        case .bool: .bool
        case .int: .int
        case .uint: .uint
        case .double: .double
        case .string: .string
        case .bytes: .bytes
        default: .dyn
        }
    }
}

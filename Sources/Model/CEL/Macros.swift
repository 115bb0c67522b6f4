// The names of operators, and calls whose arguments are not evaluated like others.

/// What operators are called as functions, in messages too.
enum Operator {
    static let less = "_<_"
    static let lessOrEqual = "_<=_"
    static let greater = "_>_"
    static let greaterOrEqual = "_>=_"
    static let equal = "_==_"
    static let notEqual = "_!=_"
    static let contained = "@in"
    static let add = "_+_"
    static let subtract = "_-_"
    static let multiply = "_*_"
    static let divide = "_/_"
    static let remainder = "_%_"
    static let not = "!_"
    static let negate = "-_"
}

/// Calls whose arguments are not evaluated like others.
enum Macros {
    /// `has(a.b)`
    static func has(_ arguments: [Expression], at offset: Int) throws(SyntaxFailure) -> Expression {
        guard arguments.count == 1,
            case .select(let operand, let field, isOptional: false) = arguments[0].content
        else {
            throw SyntaxFailure(message: "invalid argument to has() macro", offset: offset)
        }
        return Expression(.has(operand, field), at: offset)
    }

    /// `range.all(x, …)` and its like; `nil` for other calls.
    static func expand(
        _ name: String, on range: Expression, _ arguments: [Expression], at offset: Int
    ) throws(SyntaxFailure) -> Expression? {
        guard let kind = Comprehension.Kind(rawValue: name == "existsOne" ? "exists_one" : name)
        else { return nil }
        guard arguments.count == 2 || kind == .map && arguments.count == 3 else {
            if arguments.count == 3, kind != .filter {
                throw SyntaxFailure(
                    message: "unsupported: \(name)() with two variables", offset: offset)
            }
            return nil
        }
        guard case .identifier(let variable) = arguments[0].content else {
            throw SyntaxFailure(
                message: "argument must be a simple name", offset: arguments[0].offset)
        }
        var comprehension = Comprehension(
            kind: kind, range: range, variable: variable, body: arguments[arguments.count - 1])
        if arguments.count == 3 { comprehension.condition = arguments[1] }
        return Expression(.comprehension(comprehension), at: offset)
    }
}

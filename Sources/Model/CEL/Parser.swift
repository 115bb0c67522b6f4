// From tokens to an expression.

struct Parser {
    private static let reserved: Set<String> = [
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let",
        "loop", "package", "namespace", "return", "var", "void", "while",
    ]
    private static let binary: [[String: String]] = [
        [
            "<": Operator.less, "<=": Operator.lessOrEqual, ">": Operator.greater,
            ">=": Operator.greaterOrEqual, "==": Operator.equal, "!=": Operator.notEqual,
        ],
        ["+": Operator.add, "-": Operator.subtract],
        ["*": Operator.multiply, "/": Operator.divide, "%": Operator.remainder],
    ]

    private let tokens: [Token]
    private var position = 0
    private var depth = 0

    static func parse(_ source: String) throws(CompilationError) -> Expression {
        guard source.utf8.count <= Limits.expressionByteCountMax else {
            throw CompilationError("the expression is too long", at: 0, in: source)
        }
        do throws(SyntaxFailure) {
            var parser = Parser(tokens: try Lexer.tokens(of: source))
            let expression = try parser.expression()
            guard parser.token.kind == .end else { throw parser.unexpected() }
            return expression
        } catch {
            throw CompilationError(error.message, at: error.offset, in: source)
        }
    }

    private init(tokens: [Token]) { self.tokens = tokens }

    // MARK: Tokens

    private var token: Token { tokens[position] }

    private mutating func accept(_ symbol: String) -> Bool {
        guard token.kind == .symbol(symbol) else { return false }
        position += 1
        return true
    }

    private mutating func require(_ symbol: String) throws(SyntaxFailure) {
        guard accept(symbol) else { throw unexpected(wanting: symbol) }
    }

    private func unexpected(wanting symbol: String? = nil) -> SyntaxFailure {
        let found: String
        switch token.kind {
        case .end: found = "<EOF>"
        case .symbol(let symbol): found = symbol
        case .identifier(let name): found = name
        default: found = "a literal"
        }
        let wanted = symbol.map { ", expecting '\($0)'" } ?? ""
        return SyntaxFailure(
            message: "Syntax error: unexpected '\(found)'\(wanted)", offset: token.offset)
    }

    // MARK: Operators

    private mutating func expression() throws(SyntaxFailure) -> Expression {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Limits.depthMax else {
            throw SyntaxFailure(message: "the expression nests too deeply", offset: token.offset)
        }
        let condition = try disjunction()
        let offset = token.offset
        guard accept("?") else { return condition }
        let first = try disjunction()
        try require(":")
        return Expression(.conditional(condition, first, try expression()), at: offset)
    }

    private mutating func disjunction() throws(SyntaxFailure) -> Expression {
        var left = try conjunction()
        while true {
            let offset = token.offset
            guard accept("||") else { return left }
            left = Expression(.or(left, try conjunction()), at: offset)
        }
    }

    private mutating func conjunction() throws(SyntaxFailure) -> Expression {
        var left = try operation(0)
        while true {
            let offset = token.offset
            guard accept("&&") else { return left }
            left = Expression(.and(left, try operation(0)), at: offset)
        }
    }

    /// Relations, sums and products, each binding more tightly than the one before.
    private mutating func operation(_ level: Int) throws(SyntaxFailure) -> Expression {
        guard level < Self.binary.count else { return try unary() }
        var left = try operation(level + 1)
        while true {
            let offset = token.offset
            let name: String?
            switch token.kind {
            case .symbol(let symbol): name = Self.binary[level][symbol]
            case .identifier("in") where level == 0: name = Operator.contained
            default: name = nil
            }
            guard let name else { return left }
            position += 1
            left = Expression(
                .call(name, receiver: nil, [left, try operation(level + 1)]), at: offset)
        }
    }

    private mutating func unary() throws(SyntaxFailure) -> Expression {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Limits.depthMax else {
            throw SyntaxFailure(message: "the expression nests too deeply", offset: token.offset)
        }
        let offset = token.offset
        if accept("!") {
            return Expression(.call(Operator.not, receiver: nil, [try unary()]), at: offset)
        }
        guard accept("-") else { return try member() }
        switch token.kind {
        case .int(let value):
            guard value <= 1 << 63 else { break }
            position += 1
            let literal = Expression(
                .literal(.int(Int64(truncatingIfNeeded: 0 &- value))), at: offset)
            return try suffixes(of: literal)
        case .double(let value):
            position += 1
            return try suffixes(of: Expression(.literal(.double(-value)), at: offset))
        default: break
        }
        return Expression(.call(Operator.negate, receiver: nil, [try unary()]), at: offset)
    }

    // MARK: Members

    private mutating func member() throws(SyntaxFailure) -> Expression {
        try suffixes(of: try primary())
    }

    private mutating func suffixes(of operand: Expression) throws(SyntaxFailure) -> Expression {
        var operand = operand
        while true {
            let offset = token.offset
            if accept(".") {
                operand = try selection(from: operand, at: offset)
            } else if accept("[") {
                let isOptional = accept("?")
                let index = try expression()
                try require("]")
                operand = Expression(.index(operand, index, isOptional: isOptional), at: offset)
            } else {
                return operand
            }
        }
    }

    private mutating func selection(
        from operand: Expression, at offset: Int
    ) throws(SyntaxFailure) -> Expression {
        let isOptional = accept("?")
        let place = token.offset
        guard case .identifier(let name) = token.kind else { throw unexpected() }
        position += 1
        guard !isOptional, accept("(") else {
            return Expression(.select(operand, name, isOptional: isOptional), at: offset)
        }
        let arguments = try list(until: ")")
        if let macro = try Macros.expand(name, on: operand, arguments, at: place) { return macro }
        return Expression(.call(name, receiver: operand, arguments), at: place)
    }

    private mutating func list(until end: String) throws(SyntaxFailure) -> [Expression] {
        var elements: [Expression] = []
        while !accept(end) {
            if end == "]", token.kind == .symbol("?") {
                throw SyntaxFailure(
                    message: "unsupported: optional elements of lists", offset: token.offset)
            }
            elements.append(try expression())
            if !accept(",") {
                try require(end)
                return elements
            }
        }
        return elements
    }

    private mutating func primary() throws(SyntaxFailure) -> Expression {
        let (token, offset) = (token, token.offset)
        position += 1
        switch token.kind {
        case .int(let value):
            guard let int = Int64(exactly: value) else {
                throw SyntaxFailure(message: "Syntax error: invalid int literal", offset: offset)
            }
            return Expression(.literal(.int(int)), at: offset)
        case .uint(let value): return Expression(.literal(.uint(value)), at: offset)
        case .double(let value): return Expression(.literal(.double(value)), at: offset)
        case .string(let text): return Expression(.literal(.string(text)), at: offset)
        case .bytes(let bytes): return Expression(.literal(.bytes(bytes)), at: offset)
        case .identifier(let name): return try identifier(name, at: offset)
        case .symbol("("):
            let inner = try expression()
            try require(")")
            return inner
        case .symbol("["): return Expression(.list(try list(until: "]")), at: offset)
        case .symbol("{"): return Expression(.map(try entries()), at: offset)
        case .symbol("."):
            guard case .identifier(let name) = self.token.kind else { break }
            position += 1
            return try identifier(name, at: offset)
        default: break
        }
        position -= 1
        throw unexpected()
    }

    private mutating func identifier(
        _ name: String, at offset: Int
    ) throws(SyntaxFailure) -> Expression {
        switch name {
        case "true": return Expression(.literal(.bool(true)), at: offset)
        case "false": return Expression(.literal(.bool(false)), at: offset)
        case "null": return Expression(.literal(.null), at: offset)
        case _ where Self.reserved.contains(name):
            throw SyntaxFailure(message: "reserved identifier: \(name)", offset: offset)
        default: break
        }
        if accept("(") {
            let arguments = try list(until: ")")
            if name == "has" { return try Macros.has(arguments, at: offset) }
            return Expression(.call(name, receiver: nil, arguments), at: offset)
        }
        if token.kind == .symbol("{") {
            throw SyntaxFailure(
                message: "unsupported: construction of messages (\(name){…})", offset: offset)
        }
        return Expression(.identifier(name), at: offset)
    }

    private mutating func entries() throws(SyntaxFailure) -> [(key: Expression, value: Expression)]
    {
        var entries: [(key: Expression, value: Expression)] = []
        while !accept("}") {
            if token.kind == .symbol("?") {
                throw SyntaxFailure(
                    message: "unsupported: optional entries of maps", offset: token.offset)
            }
            let key = try expression()
            try require(":")
            entries.append((key, try expression()))
            if !accept(",") {
                try require("}")
                return entries
            }
        }
        return entries
    }
}

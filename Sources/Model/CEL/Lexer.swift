// From text to tokens (https://github.com/google/cel-spec/blob/master/doc/langdef.md).

struct Token: Sendable {
    enum Kind: Sendable, Equatable {
        case identifier(String)
        case int(UInt64)
        case uint(UInt64)
        case double(Double)
        case string(String)
        case bytes([UInt8])
        case symbol(String)
        case end
    }

    let kind: Kind
    let offset: Int
}

struct SyntaxFailure: Error {
    let message: String
    let offset: Int
}

struct Lexer {
    let scalars: [Unicode.Scalar]
    var position = 0

    init(_ source: String) { scalars = Array(source.unicodeScalars) }

    private static let symbols = [
        "&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", "(",
        ")", "[", "]", "{", "}", ".", ",",
    ]

    static func tokens(of source: String) throws(SyntaxFailure) -> [Token] {
        var lexer = Lexer(source)
        var tokens: [Token] = []
        while true {
            let token = try lexer.next()
            tokens.append(token)
            if token.kind == .end { return tokens }
        }
    }

    var peek: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    func isNext(_ text: String) -> Bool {
        scalars[min(position, scalars.count)...].starts(with: text.unicodeScalars)
    }

    private mutating func next() throws(SyntaxFailure) -> Token {
        skipSpace()
        let start = position
        guard let first = peek else { return Token(kind: .end, offset: start) }
        if let text = try quoted() { return Token(kind: text, offset: start) }
        if first.isLetter { return Token(kind: .identifier(word()), offset: start) }
        let isFraction =
            first == "." && position + 1 < scalars.count && scalars[position + 1].isDigit
        if first.isDigit || isFraction { return Token(kind: try number(), offset: start) }
        for symbol in Self.symbols where isNext(symbol) {
            position += symbol.unicodeScalars.count
            return Token(kind: .symbol(symbol), offset: start)
        }
        throw SyntaxFailure(
            message: "Syntax error: token recognition error at: '\(first)'", offset: start)
    }

    private mutating func skipSpace() {
        while let scalar = peek {
            if scalar == "/", isNext("//") {
                while let next = peek, next != "\n" {
                    _ = next
                    position += 1
                }
            } else if [" ", "\t", "\n", "\r", "\u{0C}"].contains(scalar) {
                position += 1
            } else {
                return
            }
        }
    }

    private mutating func word() -> String {
        var word = ""
        while let scalar = peek, scalar.isLetter || scalar.isDigit {
            word.unicodeScalars.append(scalar)
            position += 1
        }
        return word
    }

    // MARK: Numbers

    private mutating func number() throws(SyntaxFailure) -> Token.Kind {
        let start = position
        if isNext("0x") || isNext("0X") {
            position += 2
            let digits = word()
            let isUnsigned = digits.hasSuffix("u") || digits.hasSuffix("U")
            guard let value = UInt64(isUnsigned ? String(digits.dropLast()) : digits, radix: 16)
            else { throw malformed(start) }
            return isUnsigned ? .uint(value) : .int(value)
        }
        var text = digits()
        var isDouble = false
        if peek == ".", position + 1 < scalars.count, scalars[position + 1].isDigit {
            isDouble = true
            position += 1
            text += "." + digits()
        }
        if peek == "e" || peek == "E" {
            isDouble = true
            position += 1
            text += "e"
            if peek == "+" || peek == "-" {
                text.unicodeScalars.append(scalars[position])
                position += 1
            }
            text += digits()
        }
        if isDouble {
            guard let value = Double(text.hasPrefix(".") ? "0" + text : text) else {
                throw malformed(start)
            }
            return .double(value)
        }
        guard let value = UInt64(text) else { throw malformed(start) }
        guard peek == "u" || peek == "U" else { return .int(value) }
        position += 1
        return .uint(value)
    }

    private mutating func digits() -> String {
        var digits = ""
        while let scalar = peek, scalar.isDigit {
            digits.unicodeScalars.append(scalar)
            position += 1
        }
        return digits
    }

    private func malformed(_ start: Int) -> SyntaxFailure {
        SyntaxFailure(message: "Syntax error: invalid number", offset: start)
    }
}

extension Unicode.Scalar {
    fileprivate var isDigit: Bool { ("0"..."9").contains(self) }
    fileprivate var isLetter: Bool {
        ("a"..."z").contains(self) || ("A"..."Z").contains(self) || self == "_"
    }
}

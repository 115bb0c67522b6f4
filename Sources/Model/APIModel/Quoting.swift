// How messages show text that a client sent.

extension String {
    /// The text between double quotes, on one line: quotes, backslashes and what does not print are
    /// written as Go writes them, which is how every message of the API shows a value.
    public var quoted: String {
        var text = "\""
        for scalar in unicodeScalars { text.append(quoting: scalar) }
        text += "\""
        return text
    }

    fileprivate mutating func append(quoting scalar: Unicode.Scalar) {
        switch scalar {
        case "\"": self += "\\\""
        case "\\": self += "\\\\"
        case "\u{07}": self += "\\a"
        case "\u{08}": self += "\\b"
        case "\u{0C}": self += "\\f"
        case "\n": self += "\\n"
        case "\r": self += "\\r"
        case "\t": self += "\\t"
        case "\u{0B}": self += "\\v"
        default:
            if scalar.isPrintable {
                unicodeScalars.append(scalar)
            } else if scalar.value < 0x80 {
                self += "\\x" + scalar.hexadecimal(digitCount: 2)
            } else if scalar.value < 0x10000 {
                self += "\\u" + scalar.hexadecimal(digitCount: 4)
            } else {
                self += "\\U" + scalar.hexadecimal(digitCount: 8)
            }
        }
    }
}

extension Unicode.Scalar {
    /// Letters, marks, numbers, punctuation, symbols and the plain space.
    var isPrintable: Bool {
        if value < 0x80 { return value >= 0x20 && value < 0x7f }
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator, .spaceSeparator:
            return false
        default: return true
        }
    }

    func hexadecimal(digitCount: Int, uppercase: Bool = false) -> String {
        let digits = String(value, radix: 16, uppercase: uppercase)
        return String(repeating: "0", count: max(0, digitCount - digits.utf8.count)) + digits
    }
}

// Escapes and classes of characters.

extension PatternParser {
    // MARK: Escapes

    mutating func escape(from start: Int) throws(PatternError) -> PatternNode {
        guard let scalar = peek else { throw error(.trailingBackslash, at: start) }
        switch scalar {
        case "A", "z", "b", "B":
            position += 1
            return .assertion(Self.assertions[scalar] ?? .textStart)
        default:
            if let set = try namedClass(from: start) { return .scalar(set) }
            return literal(try escapedScalar(from: start))
        }
    }

    private static let assertions: [Unicode.Scalar: Assertion] = [
        "A": .textStart, "z": .textEnd, "b": .wordBoundary, "B": .noWordBoundary,
    ]

    /// `\d`, `\pL` and their like; `nil` when the escape is one character.
    private mutating func namedClass(from start: Int) throws(PatternError) -> ScalarSet? {
        let set: ScalarSet
        switch peek {
        case "d"?: set = .digits
        case "D"?: set = ScalarSet.digits.complement
        case "s"?: set = .spaces
        case "S"?: set = ScalarSet.spaces.complement
        case "w"?: set = .word
        case "W"?: set = ScalarSet.word.complement
        case "p"?, "P"?: return try category(from: start)
        default: return nil
        }
        position += 1
        return set
    }

    private mutating func category(from start: Int) throws(PatternError) -> ScalarSet {
        var isInverted = next() == "P"
        var name = ""
        if accept("{") {
            if accept("^") { isInverted.toggle() }
            while let scalar = next(), scalar != "}" { name.unicodeScalars.append(scalar) }
        } else if let scalar = next() {
            name.unicodeScalars.append(scalar)
        }
        guard name != "Any" else { return isInverted ? ScalarSet() : .all }
        guard Unicode.GeneralCategory.abbreviations.contains(name) else {
            throw error(.unknownClass("\\p{\(name)}"), at: start)
        }
        var set = ScalarSet()
        set.add(ScalarSet.CategorySet(name: name, isInverted: isInverted))
        return set
    }

    private mutating func escapedScalar(from start: Int) throws(PatternError) -> Unicode.Scalar {
        guard let scalar = next() else { throw error(.trailingBackslash, at: start) }
        switch scalar {
        case "a": return "\u{07}"
        case "f": return "\u{0C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "v": return "\u{0B}"
        case "x": return try hexadecimal(from: start)
        case "0": return octal()
        case "1"..."7":
            // A single digit would be a reference to a group, which RE2 does not have.
            guard let following = peek, ("0"..."7").contains(following) else { break }
            position -= 1
            return octal()
        case _ where scalar.value < 0x80 && !ScalarSet.word.contains(scalar.value): return scalar
        default: break
        }
        throw error(.unknownEscape("\\\(scalar)"), at: start)
    }

    private mutating func octal() -> Unicode.Scalar {
        var value: UInt32 = 0
        for _ in 0..<3 {
            guard let digit = peek, ("0"..."7").contains(digit) else { break }
            position += 1
            value = value * 8 + digit.value - 0x30
        }
        return Unicode.Scalar(value) ?? "\0"
    }

    private mutating func hexadecimal(from start: Int) throws(PatternError) -> Unicode.Scalar {
        var digits = ""
        if accept("{") {
            while let scalar = next(), scalar != "}" { digits.unicodeScalars.append(scalar) }
        } else {
            for _ in 0..<2 { if let scalar = next() { digits.unicodeScalars.append(scalar) } }
            guard digits.count == 2 else { throw error(.unknownEscape("\\x"), at: start) }
        }
        guard let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value) else {
            throw error(.unknownEscape("\\x"), at: start)
        }
        return scalar
    }

    // MARK: Classes

    /// `[…]`; the bracket has been read.
    mutating func scalarClass(from start: Int) throws(PatternError) -> ScalarSet {
        let isInverted = accept("^")
        var set = ScalarSet()
        var isFirst = true
        while isFirst || peek != "]" {
            guard peek != nil else { throw error(.unclosedClass, at: start) }
            isFirst = false
            try addItem(to: &set, from: start)
        }
        position += 1
        set = folded(set)
        return isInverted ? set.inverted : set
    }

    private mutating func addItem(
        to set: inout ScalarSet, from start: Int
    ) throws(PatternError) {
        if accept("[:") {
            set.add(try posixClass(from: start))
            return
        }
        if peek == "\\" {
            position += 1
            if let named = try namedClass(from: start) {
                set.add(named)
                return
            }
            position -= 1
        }
        let first = try classScalar(from: start)
        guard peek == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
            set.add(first.value...first.value)
            return
        }
        position += 1
        let last = try classScalar(from: start)
        guard first.value <= last.value else { throw error(.badRange, at: start) }
        set.add(first.value...last.value)
    }

    private mutating func classScalar(from start: Int) throws(PatternError) -> Unicode.Scalar {
        guard let scalar = next() else { throw error(.unclosedClass, at: start) }
        guard scalar == "\\" else { return scalar }
        return try escapedScalar(from: position - 1)
    }

    private mutating func posixClass(from start: Int) throws(PatternError) -> ScalarSet {
        let isInverted = accept("^")
        var name = ""
        while !accept(":]") {
            guard let scalar = next() else { throw error(.unclosedClass, at: start) }
            name.unicodeScalars.append(scalar)
        }
        guard let ranges = Self.posixClasses[name] else {
            throw error(.unknownClass("[:\(name):]"), at: start)
        }
        let set = ScalarSet(ranges)
        return isInverted ? set.complement : set
    }

    private static let posixClasses: [String: [ClosedRange<UInt32>]] = [
        "alnum": [0x30...0x39, 0x41...0x5A, 0x61...0x7A],
        "alpha": [0x41...0x5A, 0x61...0x7A],
        "ascii": [0...0x7F],
        "blank": [0x09...0x09, 0x20...0x20],
        "cntrl": [0...0x1F, 0x7F...0x7F],
        "digit": [0x30...0x39],
        "graph": [0x21...0x7E],
        "lower": [0x61...0x7A],
        "print": [0x20...0x7E],
        "punct": [0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E],
        "space": [0x09...0x0D, 0x20...0x20],
        "upper": [0x41...0x5A],
        "word": [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A],
        "xdigit": [0x30...0x39, 0x41...0x46, 0x61...0x66],
    ]
}

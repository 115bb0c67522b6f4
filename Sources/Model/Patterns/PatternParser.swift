// From the text of an expression to its parts (https://github.com/google/re2/wiki/Syntax).

/// The flags that hold at one place of an expression.
struct PatternFlags {
    var ignoresCase = false
    var isMultiline = false
    var dotTakesLineFeed = false
    var isUngreedy = false
}

struct PatternParser {
    let scalars: [Unicode.Scalar]
    var position = 0
    var flags = PatternFlags()
    private var depth = 0

    init(_ source: String) { scalars = Array(source.unicodeScalars) }

    mutating func parse() throws(PatternError) -> PatternNode {
        let node = try alternatives()
        guard peek == nil else { throw error(.unopenedGroup) }
        return node
    }

    // MARK: Reading

    var peek: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    mutating func next() -> Unicode.Scalar? {
        guard let scalar = peek else { return nil }
        position += 1
        return scalar
    }

    /// Steps over `text` if it comes next.
    mutating func accept(_ text: String) -> Bool {
        let wanted = text.unicodeScalars
        guard scalars[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    func error(_ problem: PatternError.Problem, at offset: Int? = nil) -> PatternError {
        PatternError(offset: offset ?? position, problem: problem)
    }

    // MARK: Parts

    private mutating func alternatives() throws(PatternError) -> PatternNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Limits.nestingMax else { throw error(.nestedTooDeeply) }
        var branches = [try sequence()]
        while accept("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence() throws(PatternError) -> PatternNode {
        var nodes: [PatternNode] = []
        while let scalar = peek, scalar != "|", scalar != ")" {
            if accept("\\Q") {
                nodes += quoted()
                continue
            }
            if let node = try repeated() { nodes.append(node) }
        }
        return nodes.count == 1 ? nodes[0] : .sequence(nodes)
    }

    /// `\Q…\E`: everything stands for itself.
    private mutating func quoted() -> [PatternNode] {
        var nodes: [PatternNode] = []
        while !accept("\\E"), let scalar = next() { nodes.append(literal(scalar)) }
        return nodes
    }

    /// A part and how often it is there; `nil` for flags.
    private mutating func repeated() throws(PatternError) -> PatternNode? {
        let start = position
        guard var node = try single() else { return nil }
        var isRepeated = false
        while let repetition = try repetition() {
            // `a**` is refused, as RE2 refuses it.
            guard !isRepeated else { throw error(.nothingToRepeat, at: start) }
            isRepeated = true
            node = .repetition(node, repetition)
        }
        return node
    }

    private mutating func repetition() throws(PatternError) -> PatternNode.Repetition? {
        let (least, most): (Int, Int?)
        switch peek {
        case "*"?: (least, most) = (0, nil)
        case "+"?: (least, most) = (1, nil)
        case "?"?: (least, most) = (0, 1)
        case "{"?:
            guard let counts = try counts() else { return nil }
            return PatternNode.Repetition(
                least: counts.0, most: counts.1, isGreedy: accept("?") == flags.isUngreedy)
        default: return nil
        }
        position += 1
        return PatternNode.Repetition(
            least: least, most: most, isGreedy: accept("?") == flags.isUngreedy)
    }

    /// `{n}`, `{n,}` or `{n,m}`; anything else is text.
    private mutating func counts() throws(PatternError) -> (Int, Int?)? {
        let start = position
        position += 1
        guard let least = number() else {
            position = start
            return nil
        }
        var most: Int? = least
        if accept(",") { most = number() }
        guard accept("}") else {
            position = start
            return nil
        }
        let limit = Limits.repetitionCountMax
        guard least <= limit, most ?? 0 <= limit, least <= most ?? least else {
            throw error(.badRepetition, at: start)
        }
        return (least, most)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let scalar = peek, ("0"..."9").contains(scalar) {
            position += 1
            value = min((value ?? 0) * 10 + Int(scalar.value - 0x30), 100_000)
        }
        return value
    }

    private mutating func single() throws(PatternError) -> PatternNode? {
        let start = position
        guard let scalar = next() else { return .empty }
        switch scalar {
        case "(": return try group(from: start)
        case "[": return .scalar(try scalarClass(from: start))
        case ".": return .scalar(flags.dotTakesLineFeed ? .all : .allButLineFeed)
        case "^": return .assertion(flags.isMultiline ? .lineStart : .textStart)
        case "$": return .assertion(flags.isMultiline ? .lineEnd : .textEnd)
        case "\\": return try escape(from: start)
        case "*", "+", "?": throw error(.nothingToRepeat, at: start)
        case "{":
            position = start
            if try counts() != nil { throw error(.nothingToRepeat, at: start) }
            position = start + 1
            return literal(scalar)
        default: return literal(scalar)
        }
    }

    func literal(_ scalar: Unicode.Scalar) -> PatternNode { .scalar(folded(ScalarSet(scalar))) }

    func folded(_ set: ScalarSet) -> ScalarSet { flags.ignoresCase ? set.foldingCase : set }

    // MARK: Groups

    /// - Returns: `nil` for flags without a group.
    private mutating func group(from start: Int) throws(PatternError) -> PatternNode? {
        let outer = flags
        if accept("?") {
            if accept("P<") || accept("<") {
                try name(from: start)
            } else if try !readFlags(from: start) {
                return nil
            }
        }
        let node = try alternatives()
        guard accept(")") else { throw error(.unclosedGroup, at: start) }
        flags = outer
        return node
    }

    private mutating func name(from start: Int) throws(PatternError) {
        var count = 0
        while let scalar = next(), scalar != ">" {
            guard ScalarSet.word.contains(scalar.value) else {
                throw error(.unknownGroup, at: start)
            }
            count += 1
        }
        guard count > 0, position <= scalars.count, scalars[position - 1] == ">" else {
            throw error(.unknownGroup, at: start)
        }
    }

    /// `i`, `m`, `s` and `U`, those after `-` off.
    /// - Returns: whether a group follows.
    private mutating func readFlags(from start: Int) throws(PatternError) -> Bool {
        var isOn = true
        while let scalar = next() {
            switch scalar {
            case "i": flags.ignoresCase = isOn
            case "m": flags.isMultiline = isOn
            case "s": flags.dotTakesLineFeed = isOn
            case "U": flags.isUngreedy = isOn
            case "-" where isOn: isOn = false
            case ":": return true
            case ")": return false
            default: throw error(.unknownGroup, at: start)
            }
        }
        throw error(.unknownGroup, at: start)
    }
}

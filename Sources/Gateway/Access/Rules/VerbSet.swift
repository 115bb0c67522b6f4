/// Some verbs. The usual ones are bits.
struct VerbSet: Hashable, Sendable {
    private var bits: UInt32 = 0
    private var others: [ExactText] = []
    private var isEverything = false

    init(_ verbs: [ExactText]) {
        for verb in verbs {
            if verb == "*" { isEverything = true }
            let bit = Verb.bit(of: verb)
            if bit == 0 { others.append(verb) }
            bits |= bit
        }
    }

    func contains(_ verb: Verb) -> Bool {
        if isEverything || bits & verb.bit != 0 { return true }
        return verb.bit == 0 && others.contains(verb.name)
    }

    func isSuperset(of other: VerbSet) -> Bool {
        if isEverything { return true }
        return !other.isEverything && bits & other.bits == other.bits
            && other.others.allSatisfy(others.contains)
    }
}

/// A verb that is asked for.
struct Verb: Sendable {
    let name: ExactText
    /// 0 for an unusual one.
    let bit: UInt32

    init(_ name: ExactText) {
        self.name = name
        bit = Self.bit(of: name)
    }

    static func bit(of name: ExactText) -> UInt32 {
        usual.firstIndex(of: name).map { 1 << UInt32($0) } ?? 0
    }

    /// In the order of their frequency: few comparisons for most requests.
    private static let usual: [ExactText] = [
        "get", "list", "watch", "update", "patch", "create", "delete", "deletecollection", "bind",
        "escalate", "impersonate", "use", "approve", "sign", "post", "put", "head", "options",
    ]
}

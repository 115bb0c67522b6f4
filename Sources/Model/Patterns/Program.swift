// An expression as steps, which a search takes all at once (Thompson 1968, Pike 1987).

struct Program: Sendable {
    enum Step: Sendable {
        /// Takes one scalar of the set with this number.
        case take(Int)
        case jump(Int)
        /// Goes on at both; the first is preferred.
        case split(Int, Int)
        case assert(Assertion)
        case match
    }

    fileprivate(set) var steps: [Step] = []
    fileprivate(set) var sets: [ScalarSet] = []
    /// Whether a match can only begin at the beginning of the text.
    fileprivate(set) var isAnchored = false
}

struct ProgramBuilder {
    private var program = Program()
    private var setNumbers: [ScalarSet: Int] = [:]

    static func build(_ node: PatternNode) throws(PatternError) -> Program {
        var builder = ProgramBuilder()
        try builder.append(node)
        try builder.append(.match)
        builder.program.isAnchored = node.beginsAtTextStart
        return builder.program
    }

    private mutating func append(_ step: Program.Step) throws(PatternError) {
        guard program.steps.count < Limits.stepCountMax else {
            throw PatternError(offset: 0, problem: .tooLarge)
        }
        program.steps.append(step)
    }

    private var end: Int { program.steps.count }

    private mutating func append(_ node: PatternNode) throws(PatternError) {
        switch node {
        case .empty: break
        case .scalar(let set): try append(.take(number(of: set)))
        case .assertion(let assertion): try append(.assert(assertion))
        case .sequence(let nodes): for node in nodes { try append(node) }
        case .alternatives(let branches): try append(branches)
        case .repetition(let node, let repetition): try append(node, repetition)
        }
    }

    private mutating func number(of set: ScalarSet) -> Int {
        if let number = setNumbers[set] { return number }
        setNumbers[set] = program.sets.count
        program.sets.append(set)
        return program.sets.count - 1
    }

    private mutating func append(_ branches: [PatternNode]) throws(PatternError) {
        var jumps: [Int] = []
        for (index, branch) in branches.enumerated() {
            guard index + 1 < branches.count else {
                try append(branch)
                break
            }
            let split = end
            try append(.split(0, 0))
            try append(branch)
            jumps.append(end)
            try append(.jump(0))
            program.steps[split] = .split(split + 1, end)
        }
        for jump in jumps { program.steps[jump] = .jump(end) }
    }

    private mutating func append(
        _ node: PatternNode, _ repetition: PatternNode.Repetition
    ) throws(PatternError) {
        for _ in 0..<repetition.least { try append(node) }
        guard let most = repetition.most else {
            let split = end
            try append(.split(0, 0))
            try append(node)
            try append(.jump(split))
            program.steps[split] = Self.split(split + 1, end, repetition)
            return
        }
        var splits: [Int] = []
        for _ in repetition.least..<most {
            splits.append(end)
            try append(.split(0, 0))
            try append(node)
        }
        for split in splits { program.steps[split] = Self.split(split + 1, end, repetition) }
    }

    private static func split(
        _ inside: Int, _ outside: Int, _ repetition: PatternNode.Repetition
    ) -> Program.Step {
        repetition.isGreedy ? .split(inside, outside) : .split(outside, inside)
    }
}

extension PatternNode {
    fileprivate var beginsAtTextStart: Bool {
        switch self {
        case .assertion(.textStart): true
        case .sequence(let nodes): nodes.first?.beginsAtTextStart ?? false
        case .alternatives(let branches): branches.allSatisfy(\.beginsAtTextStart)
        case .repetition(let node, let repetition):
            repetition.least > 0 && node.beginsAtTextStart
        default: false
        }
    }
}

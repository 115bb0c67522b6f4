// Goes through a text once and follows every way through the program at the same time.

struct Search {
    private struct Thread {
        let step: Int
        let start: Int
    }

    private let program: Program
    private let text: UnsafeBufferPointer<UInt8>
    private var threads: [Thread] = []
    private var following: [Thread] = []
    /// The position, and one more, at which a step was last added.
    private var marks: [Int]
    private var waiting: [Int] = []

    init(_ program: Program, _ text: UnsafeBufferPointer<UInt8>) {
        self.program = program
        self.text = text
        marks = [Int](repeating: 0, count: program.steps.count)
        threads.reserveCapacity(program.steps.count)
        following.reserveCapacity(program.steps.count)
    }

    /// Whether there is a match anywhere.
    mutating func isFound() -> Bool { run(from: 0, stopsEarly: true) != nil }

    mutating func first(from start: Int) -> Range<Int>? { run(from: start, stopsEarly: false) }

    private mutating func run(from start: Int, stopsEarly: Bool) -> Range<Int>? {
        var position = start
        var found: Range<Int>?
        if !program.isAnchored || start == 0 { add(step: 0, startedAt: start, at: start) }
        while true {
            swap(&threads, &following)
            following.removeAll(keepingCapacity: true)
            if threads.isEmpty, found != nil || program.isAnchored { return found }
            let next = position < text.count ? scalar(at: position) : (value: 0, width: 0)
            let after = position + next.width
            for index in threads.indices {
                let thread = threads[index]
                if case .match = program.steps[thread.step] {
                    found = thread.start..<position
                    if stopsEarly { return found }
                    // Whoever comes later is preferred less.
                    break
                }
                guard next.width > 0, case .take(let set) = program.steps[thread.step],
                    program.sets[set].contains(next.value)
                else { continue }
                add(step: thread.step + 1, startedAt: thread.start, at: after)
            }
            guard next.width > 0 else { return found }
            position = after
            if found == nil, !program.isAnchored { add(step: 0, startedAt: after, at: after) }
        }
    }

    /// Adds the threads that a step leads to without taking anything, in order of preference, to
    /// those that go on at `position`. Each step is added once at each position.
    private mutating func add(step: Int, startedAt start: Int, at position: Int) {
        waiting.append(step)
        while let step = waiting.popLast() {
            guard marks[step] != position + 1 else { continue }
            marks[step] = position + 1
            switch program.steps[step] {
            case .take, .match: following.append(Thread(step: step, start: start))
            case .jump(let target): waiting.append(target)
            case .split(let first, let second):
                waiting.append(second)
                waiting.append(first)
            case .assert(let assertion):
                if holds(assertion, at: position) { waiting.append(step + 1) }
            }
        }
    }

    private func holds(_ assertion: Assertion, at position: Int) -> Bool {
        switch assertion {
        case .textStart: position == 0
        case .textEnd: position == text.count
        case .lineStart: position == 0 || text[position - 1] == 0x0A
        case .lineEnd: position == text.count || text[position] == 0x0A
        case .wordBoundary: isWord(position - 1) != isWord(position)
        case .noWordBoundary: isWord(position - 1) == isWord(position)
        }
    }

    private func isWord(_ position: Int) -> Bool {
        text.indices.contains(position) && ScalarSet.word.contains(UInt32(text[position]))
            && text[position] < 0x80
    }

    /// - Precondition: the text is UTF-8, as a `String`'s is, and a scalar begins here.
    private func scalar(at position: Int) -> (value: UInt32, width: Int) {
        let first = UInt32(text[position])
        if first < 0x80 { return (first, 1) }
        let width = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        var value = first & (0x7F >> UInt32(width))
        for offset in 1..<width { value = value << 6 | UInt32(text[position + offset]) & 0x3F }
        return (value, width)
    }
}

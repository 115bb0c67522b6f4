// Which fields of an object somebody speaks of.

/// A set of paths into an object, kept as a tree: what begins alike is kept once. A path that is a
/// member says nothing about the paths that it begins.
public struct FieldSet: Hashable, Sendable {
    /// What the set holds at one step and below it.
    public struct Entry: Hashable, Sendable {
        public let step: FieldStep
        /// Whether the path that ends with this step is a member.
        public var isMember: Bool
        public var below: FieldSet

        public init(_ step: FieldStep, isMember: Bool, below: FieldSet = FieldSet()) {
            self.step = step
            self.isMember = isMember
            self.below = below
        }

        var isEmpty: Bool { !isMember && below.isEmpty }
    }

    /// In the order of their steps. None is empty, and no two have the same step.
    public private(set) var entries: [Entry]

    /// Nothing.
    public init() { entries = [] }

    /// What `entries` hold together. Empty ones are left out.
    public init(_ entries: some Sequence<Entry>) {
        self.init(sorted: entries.filter { !$0.isEmpty }.sorted { $0.step < $1.step })
        mergeNeighbours()
    }

    /// What `entries` hold together, in any order.
    /// - Precondition: none of them is empty, and no two have the same step.
    public init(distinct entries: [Entry]) {
        self.entries = entries
        let isSorted = zip(entries, entries.dropFirst()).allSatisfy { $0.step < $1.step }
        if !isSorted { self.entries.sort { $0.step < $1.step } }
    }

    /// - Precondition: `sorted` are in order, not empty, and have different steps.
    init(sorted: [Entry]) { entries = sorted }

    /// The given paths.
    public init(paths: some Sequence<[FieldStep]>) {
        self.init()
        for path in paths { insert(path) }
    }

    public var isEmpty: Bool { entries.isEmpty }

    /// How many paths are members.
    public var count: Int {
        entries.reduce(0) { $0 + ($1.isMember ? 1 : 0) + $1.below.count }
    }

    /// The place of `step` among the entries: where it is, or where it would be.
    func place(of step: FieldStep) -> (index: Int, isThere: Bool) {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            let order = entries[middle].step.order(against: step)
            if order == 0 { return (middle, true) }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return (low, false)
    }

    /// What is held at `step`.
    public func entry(_ step: FieldStep) -> Entry? {
        let (index, isThere) = place(of: step)
        return isThere ? entries[index] : nil
    }

    /// Whether the path is a member.
    public func contains(_ path: some Collection<FieldStep>) -> Bool {
        guard let first = path.first, let entry = entry(first) else { return false }
        let rest = path.dropFirst()
        return rest.isEmpty ? entry.isMember : entry.below.contains(rest)
    }

    /// Makes the path a member.
    /// - Precondition: the path is not empty.
    public mutating func insert(_ path: some Collection<FieldStep>) {
        guard let first = path.first else { preconditionFailure("an object is no field") }
        let (index, isThere) = place(of: first)
        if !isThere { entries.insert(Entry(first, isMember: false), at: index) }
        let rest = path.dropFirst()
        if rest.isEmpty {
            entries[index].isMember = true
        } else {
            entries[index].below.insert(rest)
        }
    }

    /// Calls `body` with each member, in order.
    public func forEach(_ body: ([FieldStep]) -> Void) {
        var path: [FieldStep] = []
        forEach(&path, body)
    }

    private func forEach(_ path: inout [FieldStep], _ body: ([FieldStep]) -> Void) {
        for entry in entries {
            path.append(entry.step)
            if entry.isMember { body(path) }
            entry.below.forEach(&path, body)
            path.removeLast()
        }
    }

    /// The members in order.
    public var paths: [[FieldStep]] {
        var paths: [[FieldStep]] = []
        forEach { paths.append($0) }
        return paths
    }

    private mutating func mergeNeighbours() {
        guard entries.count > 1 else { return }
        var merged: [Entry] = []
        merged.reserveCapacity(entries.count)
        for entry in entries {
            guard let last = merged.last, last.step == entry.step else {
                merged.append(entry)
                continue
            }
            merged[merged.count - 1].isMember = last.isMember || entry.isMember
            merged[merged.count - 1].below = last.below.union(entry.below)
        }
        entries = merged
    }
}

extension FieldSet: CustomStringConvertible {
    /// The members as conflicts print them, one a line.
    public var description: String {
        paths.map { $0.map(\.description).joined() }.joined(separator: "\n")
    }
}

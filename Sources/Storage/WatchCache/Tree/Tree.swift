// A sorted collection of objects that is copied in one step and then changed apart.

import Storage

/// Objects in key order. A copy costs one reference; after it, a change copies only the nodes on
/// the way to the changed object.
struct Tree: Sendable {
    private(set) var root: Node?

    init() {}

    /// - Precondition: `objects` are in ascending order of their keys.
    init(sorted objects: some Collection<CachedObject>) {
        var level = Self.leaves(of: objects)
        while level.count > 1 { level = Self.branches(over: level) }
        root = level.first?.node
    }

    var count: Int { root?.count ?? 0 }

    func object(_ key: Key) -> CachedObject? {
        guard var node = root else { return nil }
        while !node.isLeaf { node = node.children[node.childIndex(for: key)] }
        let (index, isFound) = node.position(of: key)
        return isFound ? node.objects[index] : nil
    }

    /// How many keys are before `key`, or, with `including`, not after it.
    func rank(of key: Key, including isIncluded: Bool) -> Int {
        guard var node = root else { return 0 }
        var rank = 0
        while !node.isLeaf {
            let index = node.childIndex(for: key)
            for child in node.children[..<index] { rank += child.count }
            node = node.children[index]
        }
        let (index, isFound) = node.position(of: key)
        return rank + index + (isFound && isIncluded ? 1 : 0)
    }

    /// Puts `object` in and returns the one with the same key that it replaces.
    @discardableResult
    mutating func insert(_ object: CachedObject) -> CachedObject? {
        guard root != nil else {
            root = Node(leaf: [object])
            return nil
        }
        makeRootUnique()
        let replaced = root!.insert(object, key: object.key)
        if root!.isOverfull {
            let left = root!
            let (separator, right) = left.split()
            root = Node(branch: [left, right], separators: [separator])
        }
        return replaced
    }

    /// Takes out the object with `key`, if there is one.
    @discardableResult
    mutating func remove(_ key: Key) -> CachedObject? {
        guard object(key) != nil else { return nil }
        makeRootUnique()
        let removed = root!.remove(key)
        if root!.entryCount == 0 {
            root = nil
        } else if !root!.isLeaf, root!.children.count == 1 {
            root = root!.children[0]
        }
        return removed
    }

    private mutating func makeRootUnique() {
        if !isKnownUniquelyReferenced(&root) { root = root?.copy() }
    }
}

// MARK: Building

extension Tree {
    private typealias Entry = (first: Key, node: Node)

    /// How full nodes are made: room for some changes before they split.
    private static let entryCountBuilt = Node.entryCountMax * 3 / 4

    private static func leaves(of objects: some Collection<CachedObject>) -> [Entry] {
        var result: [Entry] = []
        var rest = objects[...]
        for count in Self.groups(of: objects.count) {
            let leaf = ContiguousArray(rest.prefix(count))
            rest = rest.dropFirst(count)
            result.append((leaf[0].key.compacted, Node(leaf: leaf)))
        }
        return result
    }

    private static func branches(over level: [Entry]) -> [Entry] {
        var result: [Entry] = []
        var rest = level[...]
        for count in Self.groups(of: level.count) {
            let group = rest.prefix(count)
            rest = rest.dropFirst(count)
            let node = Node(
                branch: ContiguousArray(group.map(\.node)),
                separators: ContiguousArray(group.dropFirst().map(\.first)))
            result.append((group.first!.first, node))
        }
        return result
    }

    /// How `count` entries are shared out, as evenly as can be.
    private static func groups(of count: Int) -> [Int] {
        guard count > 0 else { return [] }
        let groupCount = (count + entryCountBuilt - 1) / entryCountBuilt
        return (0..<groupCount).map { index in
            count * (index + 1) / groupCount - count * index / groupCount
        }
    }
}

// MARK: Walking

extension Tree {
    /// Where a walk begins.
    struct Start {
        let key: Key
        /// Whether an object with exactly this key is left out.
        let isExcluded: Bool

        /// The start of `range`, or behind `after` when that is later.
        init(_ range: KeyRange, after: Key?) {
            if let after, after >= range.lower {
                key = after
                isExcluded = true
            } else {
                key = range.lower
                isExcluded = false
            }
        }
    }

    /// Shows the leaves that hold objects from `start` to before `end`, in order, with the part of
    /// each that lies between, until `body` returns false.
    func walkLeaves(from start: Start, to end: Key?, _ body: (Node, Range<Int>) -> Bool) {
        guard let root else { return }
        _ = Self.walk(root, from: start, to: end, takesBranches: false, body)
    }

    /// The same, but a branch of leaves all of which lie between is shown in place of them.
    func walkParts(from start: Start, to end: Key?, _ body: (Node, Range<Int>) -> Bool) {
        guard let root else { return }
        _ = Self.walk(root, from: start, to: end, takesBranches: true, body)
    }

    /// Returns false when `body` did.
    private static func walk(
        _ node: Node, from start: Start?, to end: Key?, takesBranches: Bool,
        _ body: (Node, Range<Int>) -> Bool
    ) -> Bool {
        guard !node.isLeaf else {
            var lower = 0
            if let start {
                let (index, isFound) = node.position(of: start.key)
                lower = index + (isFound && start.isExcluded ? 1 : 0)
            }
            let upper = end.map { node.position(of: $0).index } ?? node.objects.count
            return lower < upper ? body(node, lower..<upper) : true
        }
        if takesBranches, start == nil, end == nil, node.children[0].isLeaf {
            return body(node, 0..<node.count)
        }
        let first = start.map { node.childIndex(for: $0.key) } ?? 0
        let last = end.map { node.childIndex(for: $0) } ?? node.children.count - 1
        guard first <= last else { return true }
        for index in first...last {
            let isContinued = walk(
                node.children[index], from: index == first ? start : nil,
                to: index == last ? end : nil, takesBranches: takesBranches, body)
            if !isContinued { return false }
        }
        return true
    }
}

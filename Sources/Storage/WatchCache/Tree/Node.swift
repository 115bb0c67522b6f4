// The nodes of a resource's tree: a B+ tree whose leaves hold the objects.

import Buffers
import Storage

/// A leaf or a branch. Nodes are shared between snapshots; one is changed in place only while a
/// single reference to it exists, and copied otherwise.
final class Node: @unchecked Sendable {
    // Reason: written only by the holder of the one reference to it (`isKnownUniquelyReferenced`).

    /// The most objects in a leaf or children in a branch. A leaf is what is joined and compressed
    /// again after a change: 32 objects of 3 KB take 0.5 ms, and 10,000 make 300 to 600 parts.
    static let entryCountMax = 32
    /// The fewest, except in the root. A quarter, so that a node that was just split or merged
    /// takes many changes before it is again.
    static let entryCountMin = 8

    /// A leaf's objects in key order.
    private(set) var objects: ContiguousArray<CachedObject>
    /// A branch's children; empty in a leaf.
    private(set) var children: ContiguousArray<Node>
    /// `separators[i]` is past every key in `children[i]` and not past any in `children[i + 1]`.
    private(set) var separators: ContiguousArray<Key>
    /// The objects in and below this node.
    private(set) var count: Int
    /// A leaf's list forms.
    let forms: LeafForms?
    /// A branch's list forms. Only nodes that are shared are listed, so that they are never those
    /// of children that have been changed in place.
    let branchForms: BranchForms?

    init(leaf objects: ContiguousArray<CachedObject>) {
        self.objects = objects
        children = []
        separators = []
        count = objects.count
        forms = LeafForms()
        branchForms = nil
    }

    init(branch children: ContiguousArray<Node>, separators: ContiguousArray<Key>) {
        assert(separators.count == children.count - 1)
        objects = []
        self.children = children
        self.separators = separators
        count = children.reduce(0) { $0 + $1.count }
        forms = nil
        branchForms = BranchForms()
    }

    deinit { forms?.discard() }

    var isLeaf: Bool { forms != nil }
    var entryCount: Int { isLeaf ? objects.count : children.count }
    var isOverfull: Bool { entryCount > Self.entryCountMax }
    private var isUnderfull: Bool { entryCount < Self.entryCountMin }

    func copy() -> Node {
        isLeaf ? Node(leaf: objects) : Node(branch: children, separators: separators)
    }

    // MARK: Search

    /// The child that holds `key` if any does.
    func childIndex(for key: Key) -> Int {
        var low = 0
        var high = separators.count
        while low < high {
            let middle = (low + high) / 2
            if separators[middle] <= key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// In a leaf: how many keys are before `key`, and whether the next one equals it.
    func position(of key: Key) -> (index: Int, isFound: Bool) {
        key.bytes.withUnsafeBytes { wanted in
            var low = 0
            var high = objects.count
            while low < high {
                let middle = (low + high) / 2
                let order = objects[middle].keyOrder(to: wanted)
                if order == 0 { return (middle, true) }
                if order < 0 { low = middle + 1 } else { high = middle }
            }
            return (low, false)
        }
    }

    // MARK: Change. Precondition of each: this node is referenced once.

    /// Puts `object` in and returns the one with the same key that it replaces.
    func insert(_ object: CachedObject, key: Key) -> CachedObject? {
        guard !isLeaf else { return insertIntoLeaf(object, key: key) }
        let index = childIndex(for: key)
        makeUnique(index)
        let replaced = children[index].insert(object, key: key)
        if replaced == nil { count += 1 }
        if children[index].isOverfull {
            let (separator, right) = children[index].split()
            children.insert(right, at: index + 1)
            separators.insert(separator, at: index)
        }
        return replaced
    }

    private func insertIntoLeaf(_ object: CachedObject, key: Key) -> CachedObject? {
        forms?.discard()
        let (index, isFound) = position(of: key)
        if isFound {
            let replaced = objects[index]
            objects[index] = object
            return replaced
        }
        objects.insert(object, at: index)
        count += 1
        return nil
    }

    /// Takes out the object with `key`.
    /// - Precondition: there is one.
    func remove(_ key: Key) -> CachedObject {
        count -= 1
        guard !isLeaf else {
            forms?.discard()
            let (index, isFound) = position(of: key)
            precondition(isFound, "\(key) is not in the tree")
            return objects.remove(at: index)
        }
        let index = childIndex(for: key)
        makeUnique(index)
        let removed = children[index].remove(key)
        if children[index].isUnderfull { refill(index) }
        return removed
    }

    /// Splits this node in halves and gives the right one away.
    func split() -> (separator: Key, right: Node) {
        let middle = entryCount / 2
        if isLeaf {
            forms?.discard()
            let right = Node(leaf: ContiguousArray(objects[middle...]))
            objects.removeSubrange(middle...)
            count = objects.count
            return (right.objects[0].key.compacted, right)
        }
        let separator = separators[middle - 1]
        let right = Node(
            branch: ContiguousArray(children[middle...]),
            separators: ContiguousArray(separators[middle...]))
        children.removeSubrange(middle...)
        separators.removeSubrange((middle - 1)...)
        count -= right.count
        return (separator, right)
    }

    private func makeUnique(_ index: Int) {
        if !isKnownUniquelyReferenced(&children[index]) { children[index] = children[index].copy() }
    }

    /// Merges a child that has become too small with its neighbour, and splits both again when
    /// they are too many for one.
    private func refill(_ index: Int) {
        let left = index > 0 ? index - 1 : index
        guard left + 1 < children.count else { return }
        let merged = Self.merged(children[left], separators[left], children[left + 1])
        children[left] = merged
        children.remove(at: left + 1)
        separators.remove(at: left)
        if merged.isOverfull {
            let (separator, right) = merged.split()
            children.insert(right, at: left + 1)
            separators.insert(separator, at: left)
        }
    }

    private static func merged(_ left: Node, _ separator: Key, _ right: Node) -> Node {
        if left.isLeaf { return Node(leaf: left.objects + right.objects) }
        return Node(
            branch: left.children + right.children,
            separators: left.separators + [separator] + right.separators)
    }
}

extension Key {
    /// The same key with memory of its own, so that it keeps no object alive.
    var compacted: Key { Key(bytes.compacted()) }
}

// The state of one resource at one revision.

import Buffers
import Compression
import Storage

/// Items of a list, ready to be written between its head and its tail.
public struct JoinedItems: Sendable {
    /// `{…},{…}` over all parts, one after another.
    public let parts: [Bytes]
    public let byteCount: Int
}

/// The immutable state of one resource at one revision. Taking one costs a reference; it stays as
/// it is while the resource changes.
public struct Snapshot: Sendable {
    let tree: Tree
    let budget: LeafBudget
    /// The store's revision that this shows. It moves with every transaction, also of other
    /// resources.
    public let revision: Revision
    /// When this resource last changed, at or before `revision`.
    public let changedAt: Revision

    /// How many objects there are.
    public var count: Int { tree.count }

    public func object(_ key: Key) -> CachedObject? { tree.object(key) }

    /// How many objects of `range` follow `after`, without visiting them.
    public func count(in range: KeyRange, after: Key? = nil) -> Int {
        let start = Tree.Start(range, after: after)
        let before = tree.rank(of: start.key, including: start.isExcluded)
        let all = range.upper.map { tree.rank(of: $0, including: false) } ?? tree.count
        return max(0, all - before)
    }

    /// Shows the objects of `range` that follow `after`, in key order, until `body` returns false.
    public func forEach(
        in range: KeyRange, after: Key? = nil, _ body: (CachedObject) -> Bool
    ) {
        tree.walkLeaves(from: Tree.Start(range, after: after), to: range.upper) { leaf, part in
            for index in part where !body(leaf.objects[index]) { return false }
            return true
        }
    }

    /// Shows all objects in key order.
    public func forEachObject(_ body: (CachedObject) -> Void) {
        forEach(in: .all) { object in
            body(object)
            return true
        }
    }

    /// Shows the objects that `filter` selects and that follow `after`, in key order, until `body`
    /// returns false. With a requirement for one value it visits few others.
    public func forEach(
        matching filter: Filter, after: Key? = nil, _ body: (CachedObject) -> Bool
    ) {
        let range = filter.range
        guard let probe = filter.probe else {
            return forEach(in: range, after: after) { filter.selects($0) ? body($0) : true }
        }
        let list = budget.startList()
        tree.walkParts(from: Tree.Start(range, after: after), to: range.upper) { node, part in
            if let forms = node.branchForms {
                let column = forms.column(probe.name, of: node, for: list)
                return column.visit(probe.code, of: node) { !filter.selects($0) || body($0) }
            }
            guard let column = node.forms?.column(probe.name, node.objects, for: list) else {
                preconditionFailure("a node without forms")
            }
            for index in part where column.codes[index] == probe.code {
                let object = node.objects[index]
                if filter.selects(object), !body(object) { return false }
            }
            return true
        }
    }

    /// All objects of `range` as items of a list. Whole leaves share what earlier lists have
    /// joined.
    public func items(in range: KeyRange) -> JoinedItems {
        let list = budget.startList()
        var parts: [Bytes] = []
        var byteCount = 0
        tree.walkLeaves(from: Tree.Start(range, after: nil), to: range.upper) { leaf, part in
            var bytes = Self.joined(leaf, part, for: list)
            if parts.isEmpty { bytes = bytes.dropFirst(1) }
            byteCount += bytes.count
            parts.append(bytes)
            return true
        }
        return JoinedItems(parts: parts, byteCount: byteCount)
    }

    /// A whole gzip file of `head`, all objects of `range` as items, and `tail`. Whole leaves
    /// share what earlier lists have compressed.
    public func gzipList(head: Bytes, range: KeyRange, tail: Bytes) -> [Bytes] {
        let list = budget.startList()
        var assembly = GzipAssembly(reserving: 2 + 2 * tree.count / Node.entryCountMax)
        assembly.append(block(head))
        if let root = tree.root, let forms = root.branchForms, count(in: range) == tree.count {
            assembly.append(forms.run(of: root, isFirst: true, for: list))
            assembly.append(block(tail))
            return assembly.finish()
        }
        var isFirst = true
        tree.walkLeaves(from: Tree.Start(range, after: nil), to: range.upper) { leaf, part in
            assembly.append(block(leaf, part, isFirst: isFirst, for: list))
            isFirst = false
            return true
        }
        assembly.append(block(tail))
        return assembly.finish()
    }

    private static func joined(_ leaf: Node, _ part: Range<Int>, for list: LeafBudget.List) -> Bytes
    {
        guard let forms = leaf.forms, part.count == leaf.objects.count else {
            return LeafForms.join(leaf.objects[part])
        }
        return forms.joined(leaf.objects, for: list)
    }

    private func block(
        _ leaf: Node, _ part: Range<Int>, isFirst: Bool, for list: LeafBudget.List
    ) -> DeflatedBlock {
        guard let forms = leaf.forms, part.count == leaf.objects.count else {
            let joined = LeafForms.join(leaf.objects[part])
            return budget.block(isFirst ? joined.dropFirst(1) : joined)
        }
        let block = forms.block(leaf.objects, for: list)
        return isFirst ? block.first : block.later
    }

    /// A head or a tail as a block. Compressing a few hundred bytes would cost more than it saves.
    private func block(_ bytes: Bytes) -> DeflatedBlock {
        bytes.count <= Self.storedByteCountMax ? DeflatedBlock(stored: bytes) : budget.block(bytes)
    }

    private static let storedByteCountMax = 512
}

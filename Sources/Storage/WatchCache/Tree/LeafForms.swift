// A leaf's objects in the forms that lists are made of and searched by, kept while there is room.

import Buffers
import Compression
import Synchronization

/// A leaf compressed, as the first of a list's leaves and as a later one.
struct LeafBlock: Sendable {
    /// `{body},{body}`
    let first: DeflatedBlock
    /// `,{body},{body}`
    let later: DeflatedBlock

    private static let comma = DeflatedBlock(stored: ",")

    init(_ block: DeflatedBlock) {
        later = DeflatedBlock(Self.comma, followedBy: block)
        first = block.sharing(later.bytes.dropFirst(Self.comma.bytes.count))
    }
}

/// The list forms of one leaf, made when first asked for.
final class LeafForms: Sendable {
    fileprivate struct Content {
        var joined: Bytes?
        var block: LeafBlock?
        var columns: [LeafColumn] = []
        var budget: LeafBudget?

        var byteCount: Int {
            (joined?.count ?? 0) + (block?.later.bytes.count ?? 0)
                + columns.reduce(0) { $0 + $1.byteCount }
        }
    }

    private let content = Mutex(Content())
    private let used = Atomic<UInt64>(0)

    /// When a list last used these forms, in the budget's count of lists.
    var lastUse: UInt64 { used.load(ordering: .relaxed) }

    /// `,{body},{body}`: what the leaf adds to a list. In front of a list's first item the comma
    /// is dropped.
    func joined(_ objects: ContiguousArray<CachedObject>, for list: LeafBudget.List) -> Bytes {
        used.store(list.number, ordering: .relaxed)
        let (bytes, growth) = content.withLock { content -> (Bytes, LeafBudget.Growth?) in
            if let joined = content.joined { return (joined, nil) }
            let joined = Self.join(objects[...])
            content.joined = joined
            return (joined, content.grow(by: joined.count, list.budget))
        }
        if let growth { list.budget.add(growth, of: self) }
        return bytes
    }

    /// The same, compressed.
    func block(_ objects: ContiguousArray<CachedObject>, for list: LeafBudget.List) -> LeafBlock {
        used.store(list.number, ordering: .relaxed)
        let (block, growth) = content.withLock { content -> (LeafBlock, LeafBudget.Growth?) in
            if let block = content.block { return (block, nil) }
            let joined = content.joined ?? Self.join(objects[...])
            let block = list.budget.compress(joined.dropFirst(1))
            content.block = block
            return (block, content.grow(by: block.later.bytes.count, list.budget))
        }
        if let growth { list.budget.add(growth, of: self) }
        return block
    }

    /// One of the leaf's values for each object, in their order.
    func column(
        _ name: LeafColumn.Name, _ objects: ContiguousArray<CachedObject>, for list: LeafBudget.List
    ) -> LeafColumn {
        used.store(list.number, ordering: .relaxed)
        let (column, growth) = content.withLock { content -> (LeafColumn, LeafBudget.Growth?) in
            if let known = content.columns.first(where: { $0.name == name }) { return (known, nil) }
            let column = LeafColumn(name, objects)
            if content.columns.count == LeafColumn.countMax {
                content.budget?.remove(content.columns.removeFirst().byteCount)
            }
            content.columns.append(column)
            return (column, content.grow(by: column.byteCount, list.budget))
        }
        if let growth { list.budget.add(growth, of: self) }
        return column
    }

    /// Forgets the forms, because the leaf has changed, is no more, or the room is needed. Returns
    /// how many bytes that freed.
    @discardableResult
    func discard() -> Int {
        content.withLock { content in
            let byteCount = content.byteCount
            guard byteCount > 0 else { return 0 }
            content.joined = nil
            content.block = nil
            content.columns = []
            content.budget?.remove(byteCount)
            return byteCount
        }
    }

    /// Discards the forms and takes them off the budget's books.
    func expel() {
        discard()
        content.withLock { $0.budget = nil }
    }

    /// Whether nothing is held. If so, the forms are off the budget's books from now on.
    func leaveIfEmpty() -> Bool {
        content.withLock { content in
            guard content.byteCount == 0 else { return false }
            content.budget = nil
            return true
        }
    }

    /// `,{body},{body}` of any objects.
    static func join(_ objects: ContiguousArray<CachedObject>.SubSequence) -> Bytes {
        let byteCount = objects.reduce(0) { $0 + $1.bodyByteCount + 2 }
        var buffer = ByteBuffer(reserving: byteCount)
        for object in objects {
            buffer.append(literal: ",{")
            buffer.append(object.body)
        }
        return buffer.freeze()
    }
}

extension LeafForms.Content {
    fileprivate mutating func grow(by byteCount: Int, _ budget: LeafBudget) -> LeafBudget.Growth {
        defer { self.budget = budget }
        return LeafBudget.Growth(byteCount: byteCount, isNew: self.budget == nil)
    }
}

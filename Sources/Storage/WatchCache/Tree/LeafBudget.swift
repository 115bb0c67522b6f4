// The share of memory that the leaves' list forms may take, and their compressors.

import Buffers
import Compression
import Synchronization

/// Counts the bytes of all leaves' forms and drops the least recently used when they are too many.
final class LeafBudget: Sendable {
    /// One list in the making.
    struct List {
        let budget: LeafBudget
        /// The how-manieth list it is; the greater, the later.
        let number: UInt64
    }

    /// What a leaf's forms have come to hold.
    struct Growth {
        let byteCount: Int
        /// Whether the forms were not on the books before.
        let isNew: Bool
    }

    fileprivate struct Books {
        var leaves: [LeafForms] = []
        var sweepAt = LeafBudget.sweepCountMin
    }

    /// Below this many leaves on the books, looking for empty ones is not worth the search.
    fileprivate static let sweepCountMin = 1_024

    private let byteCountMax: Int
    private let total = Atomic<Int>(0)
    private let lists = Atomic<UInt64>(0)
    private let compressions = Atomic<Int>(0)
    private let books = Mutex(Books())
    private let deflaters = DeflaterPool()

    init(byteCountMax: Int) { self.byteCountMax = byteCountMax }

    /// How many bytes the forms hold now.
    var byteCount: Int { total.load(ordering: .relaxed) }
    /// How many leaves have been compressed.
    var compressionCount: Int { compressions.load(ordering: .relaxed) }

    func startList() -> List {
        List(budget: self, number: lists.add(1, ordering: .relaxed).newValue)
    }

    func compress(_ joined: Bytes) -> LeafBlock {
        compressions.add(1, ordering: .relaxed)
        return LeafBlock(block(joined))
    }

    func block(_ bytes: Bytes) -> DeflatedBlock { deflaters.withDeflater { $0.block([bytes]) } }

    func remove(_ byteCount: Int) { total.subtract(byteCount, ordering: .relaxed) }

    /// - Precondition: the caller does not hold the lock of `leaf`.
    func add(_ growth: Growth, of leaf: LeafForms) {
        let newTotal = total.add(growth.byteCount, ordering: .relaxed).newValue
        books.withLock { books in
            if growth.isNew { books.leaves.append(leaf) }
            if books.leaves.count > books.sweepAt {
                books.leaves.removeAll { $0.leaveIfEmpty() }
                books.sweepAt = max(LeafBudget.sweepCountMin, 2 * books.leaves.count)
            }
            if newTotal > byteCountMax { dropLeastRecentlyUsed(&books) }
        }
    }

    /// Makes a quarter of the share free, so that this is not needed again for the next leaf.
    private func dropLeastRecentlyUsed(_ books: inout Books) {
        let byteCountKept = byteCountMax - byteCountMax / 4
        let uses = books.leaves.map { (leaf: $0, lastUse: $0.lastUse) }
        var kept: [LeafForms] = []
        for (leaf, _) in uses.sorted(by: { $0.lastUse < $1.lastUse }) {
            if byteCount > byteCountKept { leaf.expel() } else { kept.append(leaf) }
        }
        books.leaves = kept
    }
}

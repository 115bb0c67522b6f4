// What holds the journal together: each run of rows says what it follows and what it adds up to.

import Storage

/// Consecutive rows of the journal, and the present items once they are applied. The runs in a file
/// follow each other without a gap; the last one seals the journal.
struct JournalRun: Hashable, Sendable {
    /// Rows at which a run ends and the next one begins: a check that finds damage finds it there.
    static let rowCountMax = 256

    /// The rows are all there are after this revision,
    let after: Revision
    /// up to and with this one.
    private(set) var through: Revision
    private(set) var rowCount: Int64
    /// The sum of the rows' checksums.
    private(set) var rowSum: Int64
    /// How many items are present at `through`.
    private(set) var itemCount: Int64
    /// The sum of the checksums of their rows.
    private(set) var itemSum: Int64
    /// Whether the events were derived: the states within the run are not the store's.
    private(set) var isDerived: Bool

    init(
        after: Revision, through: Revision, rows: (count: Int64, sum: Int64),
        items: (count: Int64, sum: Int64), isDerived: Bool = false
    ) {
        self.isDerived = isDerived
        self.after = after
        self.through = through
        rowCount = rows.count
        rowSum = rows.sum
        itemCount = items.count
        itemSum = items.sum
    }

    /// The run of a journal that begins with the items that were listed at `revision`.
    init(listedAt revision: Revision, items: (count: Int64, sum: Int64)) {
        self.init(after: revision, through: revision, rows: (0, 0), items: items)
    }

    /// The run that follows this one, without rows.
    var next: JournalRun {
        JournalRun(listedAt: through, items: (itemCount, itemSum))
    }

    var isFull: Bool { rowCount >= Self.rowCountMax || isDerived }
    var isEmpty: Bool { through == after }

    /// Notes that what is about to be added was derived.
    /// - Precondition: nothing has been added.
    mutating func beginDerived() {
        precondition(isEmpty, "a run that is derived in part")
        isDerived = true
    }

    /// Adds a row.
    /// - Parameter replaced: the checksum of the row of the item that it replaces or deletes.
    mutating func add(_ row: LogRow, replaced: Int64?) {
        let checksum = row.checksum
        through = row.position.revision
        rowCount += 1
        rowSum &+= checksum
        if let replaced {
            itemCount -= 1
            itemSum &-= replaced
        }
        if row.kind != .deleted {
            itemCount += 1
            itemSum &+= checksum
        }
    }

    /// Notes that there is nothing more up to `revision`.
    mutating func advance(to revision: Revision) { through = max(through, revision) }

    /// Covers everything that the run says, and whose journal it is of.
    func checksum(in identity: StoreIdentity) -> Int64 {
        let words = [
            Int64(bitPattern: after.rawValue), Int64(bitPattern: through.rawValue), rowCount,
            rowSum, itemCount, itemSum, isDerived ? 1 : 0,
        ]
        var name = identity.name
        let seed = name.withUTF8 { xxh64(UnsafeRawBufferPointer($0), seed: 0) }
        return Int64(bitPattern: words.withUnsafeBytes { xxh64($0, seed: seed) })
    }
}

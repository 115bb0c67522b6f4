import Storage

/// The bounds of the store in a file.
public enum Limits {
    /// Bytes of one value.
    public static let valueByteCountMax = Storage.Limits.valueByteCountMax
    /// Transactions of one group: past this, a longer group gains nothing and delays its first
    /// answer.
    static let groupTransactionCountMax = 1_024
    /// Value bytes at which a group ends, so that the write-ahead log stays small.
    static let groupByteCountMax = 16 << 20
    /// Keys that a listing looks up together at first, before it knows how large the values are.
    static let listingCountMin = 512
    /// Bytes of recent events kept in memory for watchers that are nearly up to date.
    static let tailByteCountMax = 8 << 20
    /// Memory that one event of the tail takes besides its key and value, in bytes.
    static let tailEventByteCount = 128
    /// Rows that one step of a compaction looks at, at least and at most. Each may lie on a page of
    /// its own, which is written then.
    static let sweepRowCounts = 8...500
    /// How long a step should hold the writer: as long as a commit of its own. Steps that take
    /// longer become smaller, and larger when they take less than half of it.
    static let sweepDuration = Duration.milliseconds(2)
    /// How many times as long as the last step lasted the writer is left alone before the next one
    /// that nobody waits for.
    static let sweepPauseFactor = 3.0
    /// Rows after the saved index at which it is saved again, at least; else half as many as there
    /// are keys. So many are read in a few hundredths of a second at the opening.
    package static let savedRowCountMin = 16_384
    /// Bytes of one part of a saved index: written together with a group of commits, it holds that
    /// up by a tenth of a millisecond.
    static let savedPartByteCount = 32 << 10
    /// Pages in the write-ahead log (4 MiB) at which they are copied into the file. A commit that
    /// did it itself would take 15 ms, and 45 ms for four times as many.
    static let checkpointPageCount = 1_024
    /// Rows of one key that are looked up one after another to tell its past, some milliseconds.
    static let keyHistoryRowCountMax = 1_024
    /// Pages in the write-ahead log (16 MiB) at which the writer lets it end, so that it begins
    /// anew. A start after a crash reads so much in some hundredths of a second.
    static let logPageCountMax = 4_096
    /// Bytes to which the write-ahead log is cut back after it had to grow.
    static let journalByteCountMax = 64 << 20
    /// Kibibytes of pages that each connection keeps in memory.
    static let pageCacheKibibyteCount = 4_096
    /// Delivered events that wait in memory for a journal that cannot be written to, in bytes. At 1
    /// KB an event and 100 events a second this lasts ten minutes.
    static let pendingByteCountMax = 64 << 20
    /// Items that are asked of the store at once when a journal is made of it, or compared with it.
    static let journalPageCount = 1_000
    /// Derived deletions that are dated by one revision: fewer than it has positions.
    static let derivedDeletionCountMax = 32_768
    /// Stretches of derived events that are remembered apart. Each came of a store that compacted
    /// past a gateway that was away.
    static let stretchCountMax = 1_024
    /// The first wait before a store or a journal that failed is tried again. It doubles each time.
    static let retryFirst = Duration.milliseconds(50)
    /// The longest such wait: what comes back is found within it.
    static let retryMax = Duration.seconds(5)
    /// How long the start waits for the store to say that it is the journal's. A store that takes
    /// longer is asked later, and the journal is served meanwhile.
    static let checkDurationMax = Duration.seconds(3)
}

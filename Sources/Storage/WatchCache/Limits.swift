/// The limits of this module.
public struct Limits: Sendable {
    /// How many bytes of objects all logs together keep in memory. At 1 KB an event and 100
    /// events a second this reaches back ten minutes.
    public var logByteCountMax = 64 << 20

    /// How many bytes of joined and compressed leaves are kept. With the lists of 50,000 pods of
    /// 2.7 KB in both forms this is not reached.
    public var leafByteCountMax = 192 << 20

    /// How long the state of an old revision can be asked for. The API promises five minutes to
    /// clients that read a list in pages.
    public var pagingAge = Duration.seconds(300)

    /// How many old states of one resource are kept for clients that read in pages. Each holds
    /// only what has changed since; more than this are rebuilt from the log.
    public var keptSnapshotCountMax = 64

    /// How many changes are undone to show an old revision, about 2 µs each.
    public var undoneEventCountMax = 20_000

    /// How many of the newest transactions are taken into memory when the cache is loaded: at 1 KB
    /// an event this takes a tenth of a second, and most watchers resume without reading the disk.
    public var recalledRevisionCount = 10_000

    /// How many watchers of one loop read past events at a time. Each holds a slice meanwhile.
    public var pastReaderCount = 8

    /// How many bytes of objects a long-poll is handed at most, but for one transaction.
    public var pollByteCountMax = 8 << 20

    /// How far back the history is read to tell that nothing has changed since a revision. Reading
    /// past so many events of others takes some tenths of a second; a list takes less.
    public var checkedRevisionCountMax = 100_000

    /// How many items are asked for at once when the store is listed.
    public var pageItemCount = 1_000

    /// How many changes wait for a resource that is still being listed. Past it the listing starts
    /// again.
    public var pendingEventCountMax = 100_000

    /// How many watchers' frames are handed out before other work of the loop gets its turn.
    public var deliveryCountPerTurn = 2_048

    /// How many events are matched at once; their frames reach a watcher in one delivery.
    public var sliceEventCount = 64

    /// How many bytes of objects are matched at once, but for one transaction: what a sink may
    /// have to hold for a client that stops reading, which is told nothing more.
    public var sliceByteCount = 128 << 10

    /// How many objects or events one turn looks at for a watcher that reads on by itself.
    public var readingCountPerTurn = 512

    /// How many bytes such a watcher is handed at once.
    public var readingByteCount = 128 << 10

    /// The first wait before a broken watch of the store is opened again. It doubles each time.
    public var backoffFirst = Duration.milliseconds(50)

    /// The longest such wait: a store that comes back is found within it.
    public var backoffMax = Duration.seconds(5)

    /// How long the cache waits before it compares itself with the store again, give or take a
    /// quarter. Losing an event would be a bug; this is how long it may go unnoticed.
    public var checkInterval = Duration.seconds(600)

    /// How many items a check asks the store for at once: some milliseconds of reading.
    public var checkPageItemCount = 500

    /// How long a check leaves the store alone between two pages, several times as long as a page
    /// takes.
    public var checkPause = Duration.milliseconds(20)

    /// How many keys a check corrects at once. Each is one read, while the cache stands still.
    public var checkedKeyCountMax = 256

    /// How often a resource is compared anew until nothing differs; the next check goes on.
    public var checkRoundCountMax = 8

    public init() {}
}

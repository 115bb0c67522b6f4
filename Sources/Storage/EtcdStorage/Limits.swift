// The bounds of what is asked of etcd, and of what is waited for.

/// How long and how much; the values that are no constants may be set in tests.
public struct Limits: Sendable {
    /// Bytes of one value: with the keys of its transaction it stays below the 1.5 MiB that etcd
    /// takes as a request unless `--max-request-bytes` says otherwise.
    public static let valueByteCountMax = 1_500_000
    /// Bytes of an answer: a page of the largest values in base64.
    static let answerByteCountMax = 256 << 20
    /// Bytes of a line of a watch: etcd's fragments have 2 MiB, one change may be as large as a
    /// request, with what it replaced, and base64 makes a third more of it.
    static let watchLineByteCountMax = 64 << 20
    /// Bytes of a refusal that are read.
    static let refusalByteCountMax = 64 << 10
    /// Batches of a watch that wait for their reader before no more is read.
    static let waitingBatchCountMax = 64
    /// Items of a page, whatever was asked for: etcd reads a page at once.
    static let pageItemCountMax = 1_000
    /// Operations, and bytes of keys and values, of one transaction of a copy: etcd's own defaults
    /// are 128 operations and 1.5 MiB, of which base64 takes nothing.
    static let copyOperationCountMax = 120
    static let copyByteCountMax = 1 << 20
    /// Transactions of a copy that are under way together.
    static let copyTransactionCount = 8
    /// Items after which the copy says how far it is.
    static let copyReportInterval = 50_000
    /// Who write side by side to pass over revisions; etcd makes what waits durable together.
    static let passingWriterCount = 64
    /// Revisions that each passes over before it is counted how many are left.
    static let passingTurnMax: UInt64 = 500
    /// Revisions that are passed over before they are compacted: some 20 MB of etcd's quota.
    static let passingHistoryMax: UInt64 = 100_000

    /// A member's rest after its first failure; twice as long after each further one.
    public var restMin = Duration.milliseconds(100)
    public var restMax = Duration.seconds(2)
    /// From a request to its answer by one member: a cluster that chooses a new leader takes one
    /// to two seconds.
    public var readAttempt = Duration.seconds(2)
    public var commitAttempt = Duration.seconds(4)
    /// For connecting to one member.
    public var connect = Duration.seconds(1)
    /// How long members are looked for that can be reached, before a caller is told that there is
    /// none.
    public var patience = Duration.milliseconds(1_500)
    /// How long a read may take, further attempts included.
    public var readDuration = Duration.seconds(4)
    /// How long a commit may take until its outcome is given up as not known.
    public var commitDuration = Duration.seconds(8)
    /// How far behind a watch is before a mark is written to move it on, and before it is taken
    /// for dead. etcd looks after new watches every 100 ms.
    public var watchMarkedAfter = Duration.milliseconds(150)
    public var watchAbandonedAfter = Duration.seconds(2)
    /// How often the store is asked how far it is while nobody else asks, so that a dead watch is
    /// noticed.
    public var heartbeat = Duration.seconds(5)

    public init() {}
}

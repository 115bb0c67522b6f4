// The store of record in an etcd cluster, over its JSON gateway.

import Buffers
import EventLoops
import HTTPClient
import Storage
import Synchronization

/// A part of the keys of an etcd cluster (3.4 or newer) as a store. etcd's revisions are the
/// store's, so where others write to the same cluster, revisions have gaps.
///
/// Any member that works is asked. A commit whose answer is lost is looked for in the store: it is
/// `uncertain` only when the cluster cannot be asked. A watch that falls silent while the store
/// goes on is ended with `unavailable`, and is opened at another member by whoever resumes it.
public final class EtcdStore: Store {
    public struct Options: Sendable {
        /// Where the store's keys begin, such as `/binnacle`.
        public var prefix = "/binnacle"
        /// The name of this process among those that share the store, the same after a restart.
        public var gateway: String
        public var limits = Limits()

        public init(gateway: String) { self.gateway = gateway }
    }

    let core: StoreCore
    let gateway: String
    private let pageSize = Mutex(PageSize())
    private let heartbeat: Task<Void, Never>

    /// - Parameters:
    ///   - endpoints: the members' client URLs.
    ///   - loop: what connections are on; must outlive the store.
    ///   - security: needed for members that are reached by HTTPS.
    /// - Precondition: there is at least one endpoint.
    public convenience init(
        _ endpoints: [Endpoint], on loop: EventLoop, security: Security? = nil, options: Options
    ) {
        let transport = HTTPTransport(
            endpoints, on: loop, security: security, connectLimit: options.limits.connect)
        self.init(transport, options)
    }

    init(_ transport: any Transport, _ options: Options, clock: EtcdClock = .system) {
        let core = StoreCore(transport, options, clock)
        self.core = core
        gateway = options.gateway
        heartbeat = Task.detached {
            while !Task.isCancelled {
                await clock.sleep(options.limits.heartbeat)
                if !core.watches.isEmpty { _ = try? await core.currentRevision() }
            }
        }
    }

    deinit { heartbeat.cancel() }

    /// Others write to an etcd cluster, too.
    public var isExclusive: Bool { false }

    public var valueByteCountMax: Int { Limits.valueByteCountMax }

    /// The cluster's own identity and the prefix.
    public var identity: StoreIdentity {
        get async throws(StorageError) {
            let cluster = String(try await core.clusterID(), radix: 16)
            return StoreIdentity("etcd \(cluster)\(core.keyspace.prefix)")
        }
    }

    /// Makes sure that the cluster is there. A process that is new to it puts its name there.
    public func connect() async throws(StorageError) {
        do throws(CallError) { _ = try await core.session.revision() } catch {
            throw error.whenReading
        }
    }

    /// Whether the store is not whole, because items are being copied into it, or a copy was broken
    /// off. To be asked after `connect`.
    public var isBeingFilled: Bool {
        get async throws(StorageError) {
            let answer = try await range(.get(core.keyspace.migrationMark), at: nil)
            return !answer.items.isEmpty
        }
    }

    /// Ends every watch; whatever is asked afterwards throws `closed`.
    public func close() async {
        heartbeat.cancel()
        await core.close()
    }

    // MARK: Reading

    public func get(_ key: Key) async throws(StorageError) -> Item? {
        try await range(.get(core.keyspace.raw(key)), at: nil).items.first
            .flatMap(core.keyspace.item)
    }

    public func get(_ key: Key, at revision: Revision) async throws(StorageError) -> Item? {
        let call = Call.get(core.keyspace.raw(key), at: Self.shown(revision))
        return try await range(call, at: revision).items.first.flatMap(core.keyspace.item)
    }

    public func list(
        _ range: KeyRange, after: Key?, limit: Int, at revision: Revision?
    ) async throws(StorageError) -> Page {
        precondition(limit > 0, "a page of \(limit)")
        let raw = core.keyspace.raw(range, after: after)
        guard raw.lower < raw.upper else { return try await emptyPage(at: revision) }
        let itemCount = min(limit, pageSize.withLock { $0.itemCount })
        let call = Call.range(raw, limit: itemCount, at: revision.map(Self.shown))
        let answer = try await self.range(call, at: revision)
        pageSize.withLock {
            $0.note(
                itemCount: answer.items.count,
                byteCount: answer.items.reduce(0) { $0 + $1.value.count })
        }
        return Page(
            items: answer.items.compactMap(core.keyspace.item),
            revision: revision ?? answer.header.revision, hasMore: answer.hasMore)
    }

    /// What an empty range shows; the revision must be there all the same.
    private func emptyPage(at revision: Revision?) async throws(StorageError) -> Page {
        let call = Call.get(core.keyspace.progressMark, at: revision.map(Self.shown))
        let answer = try await range(call, at: revision)
        return Page(items: [], revision: revision ?? answer.header.revision, hasMore: false)
    }

    /// Zero means now for etcd; its own first revision is one, at which there is nothing.
    private static func shown(_ revision: Revision) -> Revision { max(revision, Revision(1)) }

    private func range(
        _ call: Call, at revision: Revision?
    ) async throws(StorageError) -> RangeAnswer {
        do throws(CallError) {
            return try await core.cluster.ask(call, core.cluster.reading)
        } catch {
            guard case .refused(let refusal) = error else { throw error.whenReading }
            let requested = revision ?? .zero
            if refusal.isCompacted {
                throw .compacted(requested: requested, oldest: try await oldest())
            }
            guard refusal.isFuture else { throw error.whenReading }
            throw .future(requested: requested, current: try await currentRevision())
        }
    }

    /// The oldest revision that is kept: only a watch is told.
    private func oldest() async throws(StorageError) -> Revision {
        do throws(StorageError) {
            let stream = watch(after: .zero, .only("none"))
            while try await stream.next() != nil {}
        } catch {
            guard case .compacted(_, let oldest) = error else { throw error }
            return oldest
        }
        throw .unavailable(reason: "the caller has gone")
    }

    public func currentRevision() async throws(StorageError) -> Revision {
        try await core.currentRevision()
    }

    public func watch(after revision: Revision, _ range: KeyRange) -> EventStream {
        EventStream(EtcdWatch(core, range, after: revision))
    }

    // MARK: Changing

    public func commit(_ transaction: Transaction) async throws(StorageError) -> CommitResult {
        try transaction.checkSize(valueByteCountMax: valueByteCountMax)
        let core = core
        let commit = Commit(
            transaction: transaction, cluster: core.cluster, session: core.session,
            receipts: core.receipts, keyspace: core.keyspace)
        // Not the caller's task: a transaction that has been sent is not taken back.
        return try await Task.detached { () async -> Result<CommitResult, StorageError> in
            do throws(StorageError) { return .success(try await commit.run()) } catch {
                return .failure(error)
            }
        }.value.get()
    }

    /// Compacts the cluster, whoever else uses it.
    public func compact(before revision: Revision) async throws(StorageError) {
        do throws(CallError) {
            try core.cluster.checkOpen()
            guard revision > .zero else { return }
            let _: PlainAnswer = try await core.cluster.ask(
                .compaction(revision), core.cluster.reading)
        } catch {
            guard case .refused(let refusal) = error else { throw error.whenReading }
            if refusal.isCompacted { return }
            guard refusal.isFuture else { throw error.whenReading }
            throw .future(requested: revision, current: try await currentRevision())
        }
    }
}

// The store that a server serves from, whichever it is.

import APIServer
import EtcdStorage
import EventLoops
import Glibc
import Logging
import SQLiteStorage
import Storage
import WatchCache

/// A store that can be closed, and that is the history of its own events.
protocol ClosableStore: Store, EventHistory {
    func close() async
}

extension SQLiteStore: ClosableStore {}
extension MemoryStore: ClosableStore {}
extension JournaledStore: ClosableStore {}

/// A store, and what belongs to it.
struct OpenedStore: Sendable {
    let store: any ClosableStore
    /// What the cache is loaded from, when that is not the store itself.
    var items: (any ItemSource)?
    private var cluster: ReplicatedStore?
    /// What this gateway is called where others serve the store, too.
    var gatewayName: String? { cluster?.gatewayName }

    /// - Throws: `StartFailure`, or what the store throws.
    init(_ options: Serve, _ log: Logger) async throws {
        let retention = Retention(
            age: options.watchHistory.duration, byteCount: options.watchHistorySize.byteCount)
        switch options.store {
        case .memory: store = MemoryStore()
        case .sqlite:
            let directory = try DataDirectory(options.dataDir)
            store = try await SQLiteStore(
                path: directory.file("store.sqlite"),
                options: SQLiteStore.Options(retention: retention))
        case .etcd:
            let cluster = try await ReplicatedStore(options, retention, log)
            store = cluster.journaled
            items = cluster.journaled.items
            self.cluster = cluster
        }
    }

    /// What goes on beside the requests, until the task is cancelled.
    func run() async { await cluster?.compact() }

    /// Makes sure that this gateway's keys are those of the others on the same store.
    func check(_ keys: ServerKeys) async throws {
        if cluster != nil { try await ClusterKeys(keys).settle(in: store) }
    }

    func close() async {
        await store.close()
        await cluster?.close()
    }
}

/// An etcd cluster behind a journal on this machine.
struct ReplicatedStore: Sendable {
    let journaled: JournaledStore
    let gatewayName: String
    private let etcd: EtcdStore
    private let group: EventLoopGroup
    private let compactor: Compactor?

    init(_ options: Serve, _ retention: Retention, _ log: Logger) async throws {
        let directory = try DataDirectory(options.dataDir)
        let name = try GatewayName.read(in: directory)
        gatewayName = name
        group = try EventLoopGroup(count: 1)
        let etcd = try options.etcd.access.store(
            at: options.etcd.etcdEndpoints?.endpoints ?? [], on: group.loops[0], gateway: name, log)
        self.etcd = etcd
        let path = directory.file("journal.sqlite")
        let journaled = try await Self.journaled(etcd, path, retention, log)
        self.journaled = journaled
        compactor = options.etcd.etcdCompactionInterval.duration.map { interval in
            Compactor(
                etcd,
                CompactionOptions(
                    interval: interval, journalPatience: options.etcd.etcdSpareJournals?.duration),
                journal: { journaled.figures.writtenRevision },
                report: { Self.log($0, to: log) })
        }
    }

    /// Waits for etcd when there is no journal to begin with.
    private static func journaled(
        _ etcd: EtcdStore, _ path: String, _ retention: Retention, _ log: Logger
    ) async throws -> JournaledStore {
        let end = ContinuousClock.now + startPatience
        while true {
            do {
                if access(path, F_OK) != 0 { try await checkWhole(etcd) }
                return try await JournaledStore(
                    etcd, path: path, options: JournaledStore.Options(retention: retention),
                    report: { JournalLog(log: log).write($0) })
            } catch let error as StorageError {
                guard case .unavailable = error, ContinuousClock.now < end else { throw error }
                log.warning("no journal to begin with, and etcd does not answer yet: \(error)")
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// Makes sure that no items are being copied into the store: a gateway that is new to it would
    /// take a part for the whole. Others have been there before.
    private static func checkWhole(_ etcd: EtcdStore) async throws {
        try await etcd.connect()
        guard try await etcd.isBeingFilled else { return }
        throw StartFailure(
            description: """
                objects are being copied into this store, or that was broken off: start when \
                `binnacle migrate` has ended
                """)
    }

    /// Containers that start together take their time.
    private static let startPatience = Duration.seconds(60)

    private static func log(_ report: CompactionReport, to log: Logger) {
        switch report {
        case .compacted(let revision): log.info("compacted etcd before revision \(revision)")
        case .failed(let error): log.warning("etcd was not compacted: \(error)")
        }
    }

    func compact() async { await compactor?.run() }

    func close() async {
        await etcd.close()
        group.shutDown()
    }
}

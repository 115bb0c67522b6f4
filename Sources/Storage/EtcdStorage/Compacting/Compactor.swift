// Forgetting etcd's history, one gateway at a time.

import Buffers
import Storage

/// How a cluster is compacted.
public struct CompactionOptions: Sendable {
    /// From one compaction to the next, whichever gateway makes it. At least so much of the history
    /// is kept.
    public var interval: Duration
    /// For how long a gateway's journal holds compaction back when it does not move; `nil` when
    /// journals are not looked at.
    public var journalPatience: Duration?

    public init(interval: Duration, journalPatience: Duration? = nil) {
        self.interval = interval
        self.journalPatience = journalPatience
    }
}

/// What came of a round.
public enum CompactionReport: Sendable {
    case compacted(before: Revision)
    case failed(StorageError)
}

/// Compacts a cluster together with the other gateways: each looks once in an interval, and only
/// the one that finds the common mark as it was an interval ago may move it and compact.
public struct Compactor: Sendable {
    private let core: StoreCore
    private let gateway: String
    private let options: CompactionOptions
    private let journal: @Sendable () -> Revision
    private let report: @Sendable (CompactionReport) -> Void

    /// - Parameters:
    ///   - journal: how far this gateway's journal is.
    ///   - report: told on any thread.
    public init(
        _ store: EtcdStore, _ options: CompactionOptions,
        journal: @escaping @Sendable () -> Revision,
        report: @escaping @Sendable (CompactionReport) -> Void
    ) {
        core = store.core
        gateway = store.gateway
        self.options = options
        self.journal = journal
        self.report = report
    }

    /// Rounds until the task is cancelled.
    public func run() async {
        var rounds = CompactionRounds(
            journals: JournalMarks(patience: options.journalPatience ?? .zero))
        while !Task.isCancelled {
            do throws(CallError) {
                if let revision = try await round(&rounds) { report(.compacted(before: revision)) }
            } catch {
                report(.failed(error.whenReading))
            }
            // Gateways that started together do not look together.
            await core.cluster.clock.sleep(
                options.interval * (1 + core.cluster.clock.jitter() / 10))
        }
    }

    /// - Returns: what the cluster was compacted to, when that was this gateway's turn.
    func round(_ rounds: inout CompactionRounds) async throws(CallError) -> Revision? {
        if options.journalPatience != nil { try await exchangeJournals(&rounds) }
        let mark = core.keyspace.compactionMark
        let found: RangeAnswer = try await core.cluster.ask(.get(mark), core.cluster.reading)
        let now = found.header.revision
        guard let turn = rounds.turn(found.items.first, at: core.cluster.clock.now()) else {
            return nil
        }
        let move = Call.exchange(
            mark, at: turn.seen, for: CompactionMark(now).bytes)
        let answer: TransactionAnswer = try await core.cluster.ask(move, core.cluster.writing)
        guard answer.hasSucceeded else { return nil }
        rounds.moved(to: answer.header.revision)
        guard turn.target > .zero else { return nil }
        do throws(CallError) {
            let _: PlainAnswer = try await core.cluster.ask(
                .compaction(turn.target), core.cluster.reading)
        } catch {
            guard case .refused(let refusal) = error, refusal.isCompacted else { throw error }
            return nil
        }
        return turn.target
    }

    private func exchangeJournals(_ rounds: inout CompactionRounds) async throws(CallError) {
        let own = Call.put(
            core.keyspace.journalMark(of: gateway), CompactionMark(journal()).bytes)
        let _: PlainAnswer = try await core.cluster.ask(own, core.cluster.reading)
        let range = Call.range(
            core.keyspace.journalMarks, limit: Limits.pageItemCountMax, at: nil)
        let all: RangeAnswer = try await core.cluster.ask(range, core.cluster.reading)
        rounds.journals.update(all.items, at: core.cluster.clock.now())
    }
}

// A transaction from its first attempt to its certain end.

import Buffers
import Storage

/// Carries out one transaction. When an answer is lost, the session is renewed, which ends what may
/// still be under way, and the events since tell how it ended.
struct Commit: Sendable {
    let transaction: Transaction
    let cluster: Cluster
    let session: Session
    let keyspace: Keyspace
    /// The events after a revision, for the search.
    let watch: @Sendable (Revision) -> EventStream

    private enum Attempt {
        case ended(CommitResult)
        case failed(StorageError)
        /// Nothing was done: the session has been renewed meanwhile, or its key is gone.
        case outdated(Revision?)
        case lost(reason: String)
    }

    private enum Resolution {
        case committed(Revision)
        /// It was not carried out and will not be.
        case never
        case unknown
    }

    /// - Throws: `uncertain` when the cluster cannot be asked in time how it ended.
    func run() async throws(StorageError) -> CommitResult {
        let end = cluster.clock.now() + cluster.limits.commitDuration
        let base = cluster.newest
        while true {
            switch await attempt() {
            case .ended(let result): return result
            case .failed(let error): throw error
            case .outdated(let found?): session.adopt(found)
            case .outdated(nil): session.forget()
            case .lost(let reason):
                switch await resolution(since: base, before: end) {
                case .committed(let revision): return .committed(revision)
                case .never: break
                case .unknown: throw CallError.uncertain(reason).whenWriting(transaction)
                }
            }
            guard cluster.clock.now() < end else {
                throw CallError.unreachable("etcd did not carry it out in time")
                    .whenWriting(transaction)
            }
        }
    }

    private func attempt() async -> Attempt {
        do throws(CallError) {
            let plan = TransactionPlan(
                transaction, keyspace, session: (session.key, try await session.revision()))
            let answer: TransactionAnswer = try await cluster.ask(plan.call, cluster.writing)
            do throws(StorageError) {
                switch try plan.outcome(answer) {
                case .ended(let result): return .ended(result)
                case .outdated(let found): return .outdated(found)
                }
            } catch {
                return .failed(error)
            }
        } catch {
            if case .uncertain(let reason) = error { return .lost(reason: reason) }
            return .failed(error.whenWriting(transaction))
        }
    }

    /// - Parameter base: a revision from before the first attempt.
    private func resolution(since base: Revision, before end: Duration) async -> Resolution {
        let clock = cluster.clock
        return await withTaskGroup(of: Resolution.self) { group in
            group.addTask {
                guard let fence = try? await session.renew() else { return .unknown }
                return await search(after: base, through: fence)
            }
            group.addTask {
                await clock.sleep(end - clock.now())
                return .unknown
            }
            defer { group.cancelAll() }
            return await group.next() ?? .unknown
        }
    }

    private func search(after base: Revision, through fence: Revision) async -> Resolution {
        var trace = CommitTrace(transaction)
        let stream = watch(base)
        do throws(StorageError) {
            while let batch = try await stream.next() {
                trace.add(batch.events)
                if batch.through >= fence {
                    trace.finish()
                    return trace.committed.map { .committed($0) } ?? .never
                }
            }
        } catch {}
        return .unknown
    }
}

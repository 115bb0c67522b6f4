// A transaction from its first attempt to its certain end.

import Buffers
import Storage

/// Carries out one transaction. When an answer is lost, the session is renewed, which ends what may
/// still be under way, and the receipt tells whether it was carried out.
struct Commit: Sendable {
    let transaction: Transaction
    let cluster: Cluster
    let session: Session
    let receipts: ReceiptBook
    let keyspace: Keyspace

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
        let receipt = receipts.take(under: session.known)
        do throws(StorageError) {
            let result = try await carryOut(receipt)
            receipts.giveBack(receipt)
            return result
        } catch {
            if case .uncertain = error {
                receipts.keep(receipt, under: session.known)
            } else {
                receipts.giveBack(receipt)
            }
            throw error
        }
    }

    private func carryOut(_ receipt: Receipt) async throws(StorageError) -> CommitResult {
        let end = cluster.clock.now() + cluster.limits.commitDuration
        let base = cluster.newest
        while true {
            switch await attempt(receipt, before: end) {
            case .ended(let result): return result
            case .failed(let error): throw error
            case .outdated(let found?): session.adopt(found)
            case .outdated(nil): session.forget()
            case .lost(let reason):
                switch await resolution(receipt, since: base, before: end) {
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

    private func attempt(_ receipt: Receipt, before end: Duration) async -> Attempt {
        do throws(CallError) {
            let plan = TransactionPlan(
                transaction, keyspace, session: (session.key, try await session.revision()),
                receipt)
            let answer: TransactionAnswer = try await cluster.ask(
                plan.call, cluster.writing(by: end))
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
    private func resolution(
        _ receipt: Receipt, since base: Revision, before end: Duration
    ) async -> Resolution {
        let clock = cluster.clock
        return await withTaskGroup(of: Resolution.self) { group in
            group.addTask { await lookUp(receipt, since: base) }
            group.addTask {
                await clock.sleep(end - clock.now())
                return .unknown
            }
            defer { group.cancelAll() }
            return await group.next() ?? .unknown
        }
    }

    private func lookUp(_ receipt: Receipt, since base: Revision) async -> Resolution {
        do throws(CallError) {
            try await session.renew()
            let answer: RangeAnswer = try await cluster.ask(.get(receipt.key), cluster.reading)
            guard transaction.surelyChanges else { return .unknown }
            guard let found = answer.items.first else { return .never }
            if found.value == receipt.number { return .committed(found.modified) }
            // What an earlier process of this name left under way may have come over ours.
            return found.modified > base ? .unknown : .never
        } catch {
            return .unknown
        }
    }
}

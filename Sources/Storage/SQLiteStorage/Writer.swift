// The one writer: everything that is queued is made durable by one commit of the file.

import Buffers
import Dispatch
import SQLite
import Storage
import Synchronization

/// Carries out transactions in groups, and answers each when its group is durable.
final class Writer: OpenLog, @unchecked Sendable {
    // Reason: all variables but `waiting` are touched on `queue` only, which the connection
    // asserts.

    /// A transaction and the caller who waits for it.
    struct Request: Sendable {
        let transaction: Transaction
        let answer: CheckedContinuation<Result<CommitResult, StorageError>, Never>

        /// What an error names.
        var key: Key {
            transaction.operations.first?.key ?? transaction.comparisons.first?.key
                ?? Key(Bytes.empty)
        }
    }

    private struct Waiting {
        var requests: [Request] = []
        var isScheduled = false
        var isClosed = false

        mutating func takeGroup() -> (group: [Request], hasMore: Bool) {
            var count = 0
            var byteCount = 0
            for request in requests {
                guard count < Limits.groupTransactionCountMax, byteCount < Limits.groupByteCountMax
                else {
                    break
                }
                count += 1
                byteCount += request.transaction.valueByteCount
            }
            if count == requests.count {
                isScheduled = false
                defer { requests.removeAll(keepingCapacity: true) }
                return (requests, false)
            }
            let group = Array(requests.prefix(count))
            requests.removeFirst(count)
            return (group, true)
        }
    }

    private let waiting = Mutex(Waiting())
    let checkpointer: Checkpointer
    var logProgress = LogProgress()
    private var saver: IndexSaver
    /// Whether the outcome of a commit is not known: what the file says has to be found out first.
    private var isInDoubt = false

    /// - Parameter connection: one that belongs to `queue`.
    init(
        _ connection: Connection, on queue: DispatchQueue, loaded: LoadedLog,
        _ surroundings: Surroundings
    ) throws(SQLiteFailure) {
        checkpointer = Checkpointer(path: connection.path)
        connection.takeOverLog()
        saver = try IndexSaver(connection, loaded, rowCountMin: surroundings.savedRowCountMin)
        try super.init(connection, on: queue, loaded: loaded, surroundings)
    }

    func commit(_ transaction: Transaction) async throws(StorageError) -> CommitResult {
        let result = await withCheckedContinuation { continuation in
            enqueue(Request(transaction: transaction, answer: continuation))
        }
        return try result.get()
    }

    /// How many transactions wait for the next group.
    var waitingCount: Int { waiting.withLock { $0.requests.count } }

    /// Answers what is queued, and closes the file.
    func close() async {
        waiting.withLock { $0.isClosed = true }
        try? await queue.run { () throws(StorageError) in
            while self.carryOutGroup() {}
            self.saver.close()
            self.closeFile()
        }
        await checkpointer.close()
    }

    override func fileHasGrown() { copyLogIfLong() }

    private func enqueue(_ request: Request) {
        enum Next { case schedule, wait, refuse }
        let next = waiting.withLock { waiting -> Next in
            guard !waiting.isClosed else { return .refuse }
            waiting.requests.append(request)
            defer { waiting.isScheduled = true }
            return waiting.isScheduled ? .wait : .schedule
        }
        switch next {
        case .schedule: queue.async { self.drain() }
        case .wait: break
        case .refuse: request.answer.resume(returning: .failure(.closed))
        }
    }

    private func drain() {
        // One group at a time: a step of a compaction may stand in the queue behind it.
        if carryOutGroup() { queue.async { self.drain() } }
    }

    /// Returns whether more is queued.
    private func carryOutGroup() -> Bool {
        let (group, hasMore) = waiting.withLock { $0.takeGroup() }
        guard !group.isEmpty else { return hasMore }
        let answers = answer(group)
        fileHasGrown()
        for (request, answer) in zip(group, answers) { request.answer.resume(returning: answer) }
        return hasMore
    }

    private func answer(_ group: [Request]) -> [Result<CommitResult, StorageError>] {
        guard let file else { return group.map { _ in .failure(.closed) } }
        if isInDoubt {
            do { try recover(file) } catch {
                return group.map { .failure(error.whileWriting($0.key)) }
            }
        }
        var plan = GroupPlan(after: log.update { $0.current })
        do throws(SQLiteFailure) {
            var answers: [Result<CommitResult, StorageError>] = []
            for request in group { answers.append(try carryOut(request, &plan, file)) }
            return plan.transactions.isEmpty ? answers : finish(plan, group, answers)
        } catch {
            file.writer.rollback()
            return group.map { .failure(error.whileWriting($0.key)) }
        }
    }

    private func carryOut(
        _ request: Request, _ plan: inout GroupPlan, _ file: OpenFile
    ) throws(SQLiteFailure) -> Result<CommitResult, StorageError> {
        let decision = plan.decide(request.transaction) { key in log.update { $0.index[key] } }
        switch decision {
        case .unchanged(let revision): return .success(.committed(revision))
        case .conflict(let comparison, let present):
            do throws(StorageError) {
                let item: Item? =
                    switch present {
                    case .absent: nil
                    case .planned(let row): row.item
                    case .stored(let position): try file.reader.row(at: position).item
                    }
                return .success(.conflict(comparison, current: item))
            } catch {
                return .failure(error)
            }
        case .write(let rows):
            if !file.writer.connection.isInTransaction { try file.writer.beginTransaction() }
            for row in rows { try file.writer.insert(row) }
            return .success(.committed(rows[0].position.revision))
        }
    }

    /// Makes the group durable and publishes it, or finds out what became of it.
    private func finish(
        _ plan: GroupPlan, _ group: [Request], _ answers: [Result<CommitResult, StorageError>]
    ) -> [Result<CommitResult, StorageError>] {
        guard let file else { preconditionFailure("the file was closed within a group") }
        do throws(SQLiteFailure) {
            let byteCount = Self.byteCount(of: plan.transactions.joined())
            let mark = try writeMark(at: plan.lastRevision, adding: byteCount, file)
            try saver.writePart()
            try commitFile(file.writer)
            publish(plan.transactions, mark)
            return answers
        } catch {
            file.writer.rollback()
            saver.forgetPart()
            if error.isCertainlyUndone {
                return group.map { .failure(error.whileWriting($0.key)) }
            }
            isInDoubt = true
            return resolve(error, group, answers, file)
        }
    }

    /// Publishes transactions that are durable.
    private func publish(_ transactions: [[LogRow]], _ mark: Mark?) {
        log.publish(transactions)
        saver.noteCommit(rowCount: transactions.reduce(0) { $0 + $1.count })
        note(Self.byteCount(of: transactions.joined()), mark)
        if mark != nil { saveIndexIfDue() }
    }

    /// Begins at a mark, because the bytes after the last mark are counted in the rows after the
    /// saved index.
    private func saveIndexIfDue() {
        let (index, revision) = log.update { ($0.index, $0.current) }
        guard saver.isDue(keyCount: index.count) else { return }
        saver.begin(index, at: revision)
    }

    private func resolve(
        _ failure: SQLiteFailure, _ group: [Request],
        _ answers: [Result<CommitResult, StorageError>],
        _ file: OpenFile
    ) -> [Result<CommitResult, StorageError>] {
        let before = log.update { $0.current }
        do { try recover(file) } catch {
            return group.map { .failure(.uncertain($0.key, reason: failure.description)) }
        }
        // A group is one transaction of the file: it is there as a whole or not at all.
        if log.update({ $0.current }) > before { return answers }
        return group.map { .failure(failure.whileWriting($0.key)) }
    }

    /// Ends the doubt about the last commit. A new commit is made durable first: it comes after the
    /// one in doubt, or overwrites its remains in the write-ahead log, which a later start could
    /// otherwise still find. Then the file is read for what it holds beyond the index.
    private func recover(
        _ file: OpenFile
    ) throws(SQLiteFailure) {
        if isFaulty(.recovery) { throw .injected }
        do throws(SQLiteFailure) {
            try file.writer.beginTransaction()
            try file.writer.countRecovery()
            try file.writer.commit()
        } catch {
            file.writer.rollback()
            throw error
        }
        let current = log.update { $0.current }
        var transactions: [[LogRow]] = []
        do throws(StorageError) {
            let last = Position(rawValue: Int64.max)
            try file.reader.rows(after: .end(of: current), through: last) { row in
                if transactions.last?.last?.position.revision == row.position.revision {
                    transactions[transactions.count - 1].append(row)
                } else {
                    transactions.append([row])
                }
                return true
            }
        } catch {
            throw SQLiteFailure(.inputOutput, description: error.description)
        }
        if !transactions.isEmpty { publish(transactions, nil) }
        isInDoubt = false
    }
}

extension Transaction {
    fileprivate var valueByteCount: Int {
        operations.reduce(0) { sum, operation in
            if case .put(_, let value) = operation { sum + value.count } else { sum }
        }
    }
}

extension SQLiteFailure {
    static let injected = SQLiteFailure(.inputOutput, description: "a fault for a test")

    /// Whether a COMMIT that failed so has certainly not been made. A full disk stops the writing
    /// of the write-ahead log before its commit record is whole; after other errors, such as a
    /// failed `fsync`, the record may be there.
    var isCertainlyUndone: Bool { code == .full || code == .busy }
}

// One watch of the cluster: its stream, and whether it is still alive.

import Buffers
import Storage
import Synchronization

/// Reads the answer to a watch and makes batches of it, until it ends or is taken for dead.
final class WatchPump: Sendable {
    private struct State {
        var lateness: WatchLateness
        var isSupervised = false
        var isStopped = false
        var member: Int?
        var lines: (any LineSource)?
    }

    let queue = BatchQueue(countMax: Limits.waitingBatchCountMax)
    private let core: StoreCore
    private let range: KeyRange
    private let start: Revision
    private let state: Mutex<State>

    init(_ core: StoreCore, _ range: KeyRange, after start: Revision) {
        self.core = core
        self.range = range
        self.start = start
        state = Mutex(State(lateness: WatchLateness(at: start, core.cluster.limits)))
    }

    /// Reads until the watch ends, and tells the queue why it did.
    func run() async {
        core.watches.add(self)
        do throws(StorageError) {
            try await read()
        } catch {
            stop(error)
        }
    }

    /// Lets go of the stream, and tells the reader why.
    func stop(_ reason: StorageError) {
        let lines = state.withLock { state in
            state.isStopped = true
            defer { state.lines = nil }
            return state.lines
        }
        queue.finish(reason)
        lines?.cancel()
        core.watches.remove(self)
    }

    private func read() async throws(StorageError) {
        let clusterID = try await core.checkReached(start)
        var assembly = WatchAssembly(range, after: start, core.keyspace, clusterID: clusterID)
        let lines = try await open(assembly.call)
        while let line = try await nextLine(lines) {
            let batches = try take(line, &assembly)
            guard !batches.isEmpty else { continue }
            state.withLock { [position = assembly.position] in $0.lateness.arrive(at: position) }
            guard await queue.put(batches) else { return }
        }
        throw .unavailable(reason: "etcd ended the watch")
    }

    private func open(_ call: Call) async throws(StorageError) -> any LineSource {
        do throws(CallError) {
            let (member, lines) = try await core.cluster.open(call)
            let isStopped = state.withLock { state in
                state.member = member
                if !state.isStopped { state.lines = lines }
                return state.isStopped
            }
            if isStopped { lines.cancel() }
            // What has been learned before counts, too.
            learn(core.cluster.newest)
            return lines
        } catch {
            throw error.whenReading
        }
    }

    private func nextLine(_ lines: any LineSource) async throws(StorageError) -> Bytes? {
        do throws(TransportFailure) {
            return try await lines.next()
        } catch {
            failMember(error.reason)
            throw .unavailable(reason: error.reason)
        }
    }

    private func take(
        _ line: Bytes, _ assembly: inout WatchAssembly
    ) throws(StorageError) -> [EventBatch] {
        let answer: Result<WatchAnswer, WatchRefusal>
        do throws(WireError) { answer = try WatchAnswer.read(line) } catch {
            failMember("\(error)")
            throw .unavailable(reason: "a watch of etcd: \(error)")
        }
        switch answer {
        case .success(let answer): return try assembly.add(answer)
        case .failure(let refused):
            failMember(refused.refusal.message)
            throw .unavailable(reason: refused.refusal.message)
        }
    }

    private func failMember(_ reason: String) {
        if let member = state.withLock({ $0.isStopped ? nil : $0.member }) {
            core.cluster.fail(member, "\(core.cluster.transport.endpoints[member]): \(reason)")
        }
    }

    // MARK: Lateness

    /// Some answer has shown that the store is at `revision`.
    func learn(_ revision: Revision) {
        let now = core.cluster.clock.now()
        let begins = state.withLock { state in
            guard !state.isStopped, state.lines != nil else { return false }
            state.lateness.learn(revision, at: now)
            guard !state.isSupervised, state.lateness.isDue else { return false }
            state.isSupervised = true
            return true
        }
        if begins { Task { await supervise() } }
    }

    /// Does what lateness asks for, until the watch has caught up.
    private func supervise() async {
        let clock = core.cluster.clock
        while true {
            let isHeldUp = queue.isFull
            let step = state.withLock { state in
                // Nothing is read while the reader is behind.
                if isHeldUp { state.lateness.excuse(at: clock.now()) }
                let step = state.isStopped ? .none : state.lateness.step(at: clock.now())
                if step == .none { state.isSupervised = false }
                return step
            }
            switch step {
            case .none: return
            case .wait(let duration): await clock.sleep(duration)
            case .mark: await core.mark()
            case .abandon:
                let reason = "the watch brings nothing, though there is more"
                failMember(reason)
                stop(.unavailable(reason: reason))
            }
        }
    }
}

/// A position in the store's events.
final class EtcdWatch: EventSource {
    private enum Phase: Sendable { case idle, running }

    private let pump: WatchPump
    private let phase = Mutex(Phase.idle)

    init(_ core: StoreCore, _ range: KeyRange, after revision: Revision) {
        pump = WatchPump(core, range, after: revision)
    }

    deinit { pump.stop(.closed) }

    func next() async throws(StorageError) -> EventBatch? {
        if Task.isCancelled { return nil }
        let begins = phase.withLock { phase in
            defer { phase = .running }
            return phase == .idle
        }
        // A task of its own: when the reader's is cancelled, another may read on.
        if begins { Task.detached { [pump] in await pump.run() } }
        return try await pump.queue.next()
    }
}

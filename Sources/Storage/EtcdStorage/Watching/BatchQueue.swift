// Batches on their way from the one who reads a watch to the one who asked for it.

import Storage
import Synchronization

/// A bounded queue between two tasks.
final class BatchQueue: Sendable {
    private enum Taken {
        case batch(EventBatch, CheckedContinuation<Void, Never>?)
        case end(StorageError)
        case nothingYet
    }

    private struct State {
        var batches: [EventBatch] = []
        /// Why there are no more; given once all batches are.
        var end: StorageError?
        var isEnded: Bool { end != nil }
        var reader: CheckedContinuation<Void, Never>?
        var writer: CheckedContinuation<Void, Never>?

        mutating func take() -> Taken {
            guard batches.isEmpty else { return .batch(batches.removeFirst(), takeWriter()) }
            return end.map { .end($0) } ?? .nothingYet
        }

        mutating func takeReader() -> CheckedContinuation<Void, Never>? {
            defer { reader = nil }
            return reader
        }

        mutating func takeWriter() -> CheckedContinuation<Void, Never>? {
            defer { writer = nil }
            return writer
        }
    }

    private let countMax: Int
    private let state = Mutex(State())

    init(countMax: Int) { self.countMax = countMax }

    /// Whether the reader is behind.
    var isFull: Bool { state.withLock { $0.batches.count >= countMax } }

    /// Puts batches in, and then waits until there is room for more.
    /// - Returns: false when nobody wants them any more.
    func put(_ batches: [EventBatch]) async -> Bool {
        let reader = state.withLock { state in
            state.batches += batches
            return state.takeReader()
        }
        reader?.resume()
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let goesOn = state.withLock { state in
                guard state.batches.count >= countMax, !state.isEnded else { return true }
                state.writer = continuation
                return false
            }
            if goesOn { continuation.resume() }
        }
        return state.withLock { !$0.isEnded }
    }

    /// No more batches come. The first reason counts.
    func finish(_ reason: StorageError) {
        let (reader, writer) = state.withLock { state in
            state.end = state.end ?? reason
            return (state.takeReader(), state.takeWriter())
        }
        reader?.resume()
        writer?.resume()
    }

    /// Waits for a batch. `nil` when the task was cancelled; another one may read on.
    func next() async throws(StorageError) -> EventBatch? {
        while !Task.isCancelled {
            switch state.withLock({ $0.take() }) {
            case .batch(let batch, let writer):
                writer?.resume()
                return batch
            case .end(let reason): throw reason
            case .nothingYet: await waitForChange()
            }
        }
        return nil
    }

    private func waitForChange() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let isReady = state.withLock { state in
                    if !state.batches.isEmpty || state.isEnded || Task.isCancelled { return true }
                    precondition(state.reader == nil, "a watch is read by two tasks")
                    state.reader = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.takeReader() }?.resume()
        }
    }
}

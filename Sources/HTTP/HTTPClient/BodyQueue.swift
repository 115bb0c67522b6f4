// The pieces of a body between the loop and the task that reads them.

import Buffers
import HTTPWire
import Synchronization

/// Pieces of a body that wait for their reader. Any thread may use it.
final class BodyQueue: Sendable {
    /// What a reader gets.
    enum Taken {
        /// When it made room, the loop has to be told.
        case piece(Bytes, madeRoom: Bool)
        case end
        case failed(CallFailure)
    }

    private typealias Waiter = CheckedContinuation<Taken, Never>

    private enum Ending {
        case complete
        case failed(CallFailure)
    }

    private struct State {
        var pieces: [Bytes] = []
        var nextIndex = 0
        var byteCount = 0
        /// Whether the loop was told to stop.
        var isFull = false
        var waiter: Waiter?
        var ending: Ending?
    }

    /// Pieces that were taken and are still held, until it pays to move the others.
    private static let takenCountMax = 16

    private let state = Mutex(State())
    private let byteCountMax: Int

    init(byteCountMax: Int) { self.byteCountMax = byteCountMax }

    func add(_ piece: Bytes) -> Call.Room {
        let (waiter, room) = state.withLock { state -> (Waiter?, Call.Room) in
            if state.ending != nil { return (nil, .some) }
            if let waiter = state.waiter {
                state.waiter = nil
                return (waiter, .some)
            }
            state.pieces.append(piece)
            state.byteCount += piece.count
            state.isFull = state.byteCount > byteCountMax
            return (nil, state.isFull ? .full : .some)
        }
        waiter?.resume(returning: .piece(piece, madeRoom: false))
        return room
    }

    /// Nothing comes any more. The pieces that wait can still be read, unless the reader is gone.
    func end(_ failure: CallFailure?) {
        let waiter = state.withLock { state -> Waiter? in
            guard state.ending == nil else { return nil }
            state.ending = failure.map { .failed($0) } ?? .complete
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: failure.map { .failed($0) } ?? .end)
    }

    /// What is there; nil when nothing is yet.
    func take() -> Taken? { state.withLock { Self.take(&$0, byteCountMax) } }

    /// What is there, or what comes next. One reader at a time.
    func next() async -> Taken {
        await withCheckedContinuation { continuation in
            let taken = state.withLock { state -> Taken? in
                precondition(state.waiter == nil, "two readers of one body")
                if let taken = Self.take(&state, byteCountMax) { return taken }
                state.waiter = continuation
                return nil
            }
            if let taken { continuation.resume(returning: taken) }
        }
    }

    private static func take(_ state: inout State, _ byteCountMax: Int) -> Taken? {
        guard state.nextIndex < state.pieces.count else {
            switch state.ending {
            case .complete: return .end
            case .failed(let failure): return .failed(failure)
            case nil: return nil
            }
        }
        let piece = state.pieces[state.nextIndex]
        state.nextIndex += 1
        state.byteCount -= piece.count
        if state.nextIndex == state.pieces.count || state.nextIndex >= takenCountMax {
            state.pieces.removeFirst(state.nextIndex)
            state.nextIndex = 0
        }
        let madeRoom = state.isFull && state.byteCount <= byteCountMax / 2
        if madeRoom { state.isFull = false }
        return .piece(piece, madeRoom: madeRoom)
    }
}

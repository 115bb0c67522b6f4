// One end of a stream, as a test holds it.

import Buffers
import EventLoops
import SystemCalls

/// Reads all that comes, unless told not to, and writes what it is given.
final class StreamEnd: ByteStreamHandler, @unchecked Sendable {
    // Reason: used on its loop only; the asynchronous calls go there.
    let loop: EventLoop
    let stream: any ByteStream
    private(set) var received: [UInt8] = []
    private(set) var ending: ReadOutcome?
    private(set) var isBroken = false
    private(set) var isReady = false
    private var peerHasFinished = false
    private(set) var writableCount = 0
    var isPaused = false {
        didSet { if !isPaused { stream.deliverAgain(.readable) } }
    }
    private var outgoing: [Bytes] = []
    private var position = SegmentPosition()
    private var waiting: [(isMet: () -> Bool, continuation: CheckedContinuation<Void, Never>)] = []

    /// - Precondition: called on the stream's loop.
    init(_ stream: any ByteStream) {
        self.stream = stream
        loop = stream.loop
        stream.handler = self
    }

    func streamBecameReady(_ readiness: Readiness) {
        isReady = true
        if readiness.contains(.broken) {
            isBroken = true
            stream.close()
        }
        if readiness.contains(.writable) {
            writableCount += 1
            flush()
        }
        if readiness.contains(.peerFinished) { peerHasFinished = true }
        if !readiness.isDisjoint(with: [.readable, .peerFinished]), !isPaused { read() }
        wake()
    }

    func streamWillEnd() {}

    private func read() {
        while ending == nil, !isBroken {
            switch stream.read(into: loop.scratch) {
            case .bytes(let count, let isDrained):
                received += loop.scratch[..<count]
                if isDrained, !peerHasFinished { return }
            case .wouldBlock: return
            case let outcome: ending = outcome
            }
        }
    }

    private func flush() {
        while position.segment < outgoing.count {
            guard case .bytes(let count, let isFull) = stream.write(outgoing, from: position)
            else { return }
            position.advance(by: count, in: outgoing)
            if isFull { break }
        }
    }

    var hasSentAll: Bool { position.segment == outgoing.count }

    private func wake() {
        let met = waiting.filter { $0.isMet() }
        waiting.removeAll { $0.isMet() }
        for wait in met { wait.continuation.resume() }
    }

    // MARK: From outside

    @discardableResult
    func perform<Result: Sendable>(
        _ work: @escaping @Sendable (StreamEnd) -> Result
    ) async -> Result {
        await withCheckedContinuation { continuation in
            loop.execute { [self] in continuation.resume(returning: work(self)) }
        }
    }

    func wait(until condition: @escaping @Sendable (StreamEnd) -> Bool) async {
        await withCheckedContinuation { continuation in
            loop.execute { [self] in
                if condition(self) { return continuation.resume() }
                waiting.append(({ [self] in condition(self) }, continuation))
            }
        }
    }

    func send(_ bytes: Bytes) async { await send([bytes]) }

    func send(_ segments: [Bytes]) async {
        await perform { end in
            end.outgoing += segments
            end.flush()
        }
    }

    func close() async {
        await perform { $0.stream.close() }
    }

    /// Waits for `count` bytes, or for the end.
    func receive(_ count: Int) async -> [UInt8] {
        await wait { $0.received.count >= count || $0.ending != nil || $0.isBroken }
        return await perform { end in
            let taken = Array(end.received.prefix(count))
            end.received.removeFirst(taken.count)
            return taken
        }
    }

    /// Waits for text that ends with `end`, or for the end of all.
    func receive(until text: String) async -> String {
        await wait { end in
            end.ending != nil || end.isBroken
                || String(decoding: end.received, as: UTF8.self).contains(text)
        }
        return await perform { end in
            defer { end.received = [] }
            return String(decoding: end.received, as: UTF8.self)
        }
    }
}

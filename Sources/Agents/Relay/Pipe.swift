// Bytes from one socket to another and back.

import Buffers
import EventLoops
import SystemCalls

/// A client's connection and a server's, joined. Used on their loop only. Neither side can make the
/// other's bytes pile up: what one does not take is not read from the other.
final class Pipe: @unchecked Sendable {
    // Reason: used on its loop only.
    let server: Int
    private let ends: [any ByteStream]
    private var flows = [Flow(), Flow()]
    private var isOpen = true
    private let closed: (Pipe) -> Void

    /// What goes from one end to the other one.
    private struct Flow {
        /// Read, and not taken yet.
        var pending = Bytes.empty
        /// The source will send nothing more than `pending`.
        var hasEnded = false
        var mayHaveInput = true
        var peerHasFinished = false
        /// The end was passed on.
        var isFinished = false
    }

    /// - Parameter closed: called once, on the loop.
    init(
        _ client: any ByteStream, _ serverEnd: any ByteStream, to server: Int,
        closed: @escaping (Pipe) -> Void
    ) {
        ends = [client, serverEnd]
        self.server = server
        self.closed = closed
    }

    /// - Precondition: called on the loop, once.
    func start() {
        for index in 0...1 { ends[index].handler = PipeEnd(self, index) }
        for index in 0...1 { pump(index) }
    }

    func becameReady(_ index: Int, _ readiness: Readiness) {
        if !readiness.isDisjoint(with: [.readable, .peerFinished, .broken]) {
            flows[index].mayHaveInput = true
            if !readiness.isDisjoint(with: [.peerFinished, .broken]) {
                flows[index].peerHasFinished = true
            }
            pump(index)
        }
        if readiness.contains(.writable), isOpen { pump(1 - index) }
    }

    /// Moves what can be moved from end `index` to the other one.
    private func pump(_ index: Int) {
        for _ in 0..<Limits.readsPerTurnMax {
            guard isOpen, flush(index), flows[index].mayHaveInput else { return }
            guard !flows[index].hasEnded else { return finish(index) }
            read(index)
        }
        if isOpen, flows[index].mayHaveInput { ends[index].deliverAgain(.readable) }
    }

    private func read(_ index: Int) {
        let scratch = ends[index].loop.scratch
        switch ends[index].read(into: scratch) {
        case .bytes(let count, let isDrained):
            if isDrained, !flows[index].peerHasFinished { flows[index].mayHaveInput = false }
            let bytes = UnsafeRawBufferPointer(rebasing: scratch[..<count])
            guard case .bytes(let taken, _) = ends[1 - index].write(bytes) else { return close() }
            if taken < count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[taken...])
                flows[index].pending = Bytes(copying: rest)
            }
        case .wouldBlock: flows[index].mayHaveInput = false
        case .end:
            flows[index].hasEnded = true
            finish(index)
        case .failed: close()
        }
    }

    /// False while the target does not take all of what was read.
    private func flush(_ index: Int) -> Bool {
        guard !flows[index].pending.isEmpty else { return true }
        let outcome = flows[index].pending.withUnsafeBytes { ends[1 - index].write($0) }
        guard case .bytes(let count, _) = outcome else {
            close()
            return false
        }
        flows[index].pending = flows[index].pending.dropFirst(count)
        return flows[index].pending.isEmpty
    }

    private func finish(_ index: Int) {
        guard !flows[index].isFinished, flows[index].pending.isEmpty else { return }
        flows[index].isFinished = true
        flows[index].mayHaveInput = false
        ends[1 - index].finishWriting()
        // A server that has finished sends nothing for what its client may still say.
        if index == 1 || flows[0].isFinished && flows[1].isFinished { close() }
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        for end in ends { end.close() }
        closed(self)
    }
}

/// One end of a pipe, as its socket knows it.
private final class PipeEnd: ByteStreamHandler {
    private let pipe: Pipe
    private let index: Int

    init(_ pipe: Pipe, _ index: Int) {
        self.pipe = pipe
        self.index = index
    }

    func streamBecameReady(_ readiness: Readiness) { pipe.becameReady(index, readiness) }
    func streamWillEnd() { pipe.close() }
}

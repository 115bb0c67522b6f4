// An encrypted stream: plaintext to ciphertext and back.

import Buffers
import Crypto
import EventLoops
import SystemCalls

extension TLSStream {
    // MARK: Ciphertext in

    enum Input { case offered, nothing, ended }

    /// Offers what came from the peer to the session, unless that still has plaintext to give.
    func offerInput() -> Input {
        if session?.hasPlaintext == true { return .offered }
        if !undecrypted.isEmpty {
            // The address stays while `undecrypted` holds the bytes.
            undecrypted.withUnsafeBytes { part.workspace.offer($0) }
            return .offered
        }
        let room = part.workspace.inputRoom
        switch socket.read(into: room) {
        case .bytes(let count, let isDrained):
            // The end that the peer announced is found by reading on.
            socketIsDrained = isDrained && !peerHasFinished
            part.workspace.offer(UnsafeRawBufferPointer(rebasing: room[..<count]))
            return .offered
        case .wouldBlock:
            socketIsDrained = true
            return .nothing
        case .end, .failed: return .ended
        }
    }

    /// Takes the workspace's input back, for other streams, and keeps what was not read.
    func keepUnread() {
        let unread = part.workspace.unreadInput
        if unread.isEmpty {
            // Also when nothing was offered because plaintext was there.
            if part.workspace.hasInput { undecrypted = .empty }
        } else if undecrypted.isEmpty {
            undecrypted = Bytes(copying: unread)
        } else {
            undecrypted = undecrypted.dropFirst(undecrypted.count - unread.count)
        }
        part.workspace.withdrawInput()
    }

    // MARK: Ciphertext out

    /// Sends what the session made; what the socket does not take is kept.
    /// - Returns: false when the connection is lost.
    func sendOutput() -> Bool {
        let output = part.workspace.output
        guard !output.isEmpty else { return true }
        defer { part.workspace.clearOutput() }
        var sent = 0
        if unsent.isEmpty {
            guard case .bytes(let count, _) = socket.write(output) else { return false }
            sent = count
        }
        if sent < output.count { keepUnsent(UnsafeRawBufferPointer(rebasing: output[sent...])) }
        return unsent.count <= Limits.unsentByteCountMax
    }

    private func keepUnsent(_ rest: UnsafeRawBufferPointer) {
        guard !unsent.isEmpty else {
            unsent = Bytes(copying: rest)
            return
        }
        var joined = ByteBuffer(reserving: unsent.count + rest.count)
        joined.append(unsent)
        joined.append(rest)
        unsent = joined.freeze()
    }

    /// Sends what was kept, as far as the socket takes it.
    /// - Returns: false when the connection is lost.
    func flushUnsent() -> Bool {
        guard !unsent.isEmpty else { return true }
        let outcome = unsent.withUnsafeBytes { socket.write($0) }
        guard case .bytes(let count, _) = outcome else { return false }
        unsent = count == unsent.count ? .empty : unsent.dropFirst(count)
        return true
    }

    // MARK: Reading

    public func read(into buffer: UnsafeMutableRawBufferPointer) -> ReadOutcome {
        loop.assertOnLoop()
        switch phase {
        case .waiting, .shakingHands: return .wouldBlock
        case .lingering, .failed, .closed: return .failed
        case .open: break
        }
        guard let session else { return .failed }
        for _ in 0..<Limits.readsWithoutDataMax {
            if let ending { return ending }
            switch offerInput() {
            case .offered: break
            case .nothing: return .wouldBlock
            case .ended: return cutOff()
            }
            let count = decrypt(into: buffer, session)
            keepUnread()
            if !sendOutput() { ending = .failed }
            let isDrained = socketIsDrained && undecrypted.isEmpty && ending == nil
            if count > 0 {
                return .bytes(count, isDrained: isDrained && !session.hasPlaintext)
            }
            if isDrained { return .wouldBlock }
        }
        deliverAgain(.readable)
        return .wouldBlock
    }

    private func decrypt(
        into buffer: UnsafeMutableRawBufferPointer, _ session: TLSSession
    ) -> Int {
        var count = 0
        while count < buffer.count, part.workspace.hasUnreadInput || session.hasPlaintext {
            let room = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
            switch session.read(into: room) {
            case .bytes(let read): count += read
            case .needsInput: return count
            case .closed:
                ending = .end
                return count
            case .failed(let failure):
                self.failure = failure
                part.counters.increment(\.recordsRefused)
                report(.recordRefused(failure))
                ending = .failed
                return count
            }
        }
        return count
    }

    /// The peer is gone without having said that nothing more comes: what it sent may be cut off.
    private func cutOff() -> ReadOutcome {
        part.counters.increment(\.truncated)
        if session?.isInsideRecord == true { report(.recordTruncated) }
        ending = .failed
        return .failed
    }

    // MARK: Writing

    public func write(_ buffer: UnsafeRawBufferPointer) -> WriteOutcome {
        var source = BufferSource(rest: buffer)
        return encrypt(&source, atMost: buffer.count)
    }

    public func write(_ segments: [Bytes], from position: SegmentPosition) -> WriteOutcome {
        var source = SegmentSource(segments: segments, position: position)
        return encrypt(&source, atMost: Limits.bytesPerWriteMax)
    }

    private func encrypt(
        _ source: inout some PlaintextSource, atMost byteCountMax: Int
    ) -> WriteOutcome {
        loop.assertOnLoop()
        switch phase {
        case .waiting, .shakingHands: return .bytes(0, isFull: true)
        case .lingering, .failed, .closed: return .failed
        case .open: break
        }
        guard let session, flushUnsent() else { return .failed }
        guard unsent.isEmpty else { return .bytes(0, isFull: true) }
        var taken = heldBack
        source.advance(by: heldBack)
        heldBack = 0
        while taken < byteCountMax {
            guard let round = fill(from: &source, session), sendOutput() else { return .failed }
            if round.byteCount == 0 { break }
            taken += round.byteCount
            guard unsent.isEmpty else {
                // Not all has left: the writer must come back, or it would take the rest for sent.
                heldBack = round.lastRecord
                return .bytes(taken - heldBack, isFull: true)
            }
        }
        return .bytes(taken, isFull: false)
    }

    /// Fills the workspace with records.
    /// - Returns: how many bytes went into them, and into the last one; nil when it failed.
    private func fill(
        from source: inout some PlaintextSource, _ session: TLSSession
    ) -> (byteCount: Int, lastRecord: Int)? {
        var byteCount = 0
        var lastRecord = 0
        while part.workspace.hasRoomForRecord {
            let piece = source.record(joinedIn: part.workspace.joined)
            if piece.isEmpty { break }
            do {
                lastRecord = try session.write(piece)
            } catch {
                failure = error
                return nil
            }
            source.advance(by: lastRecord)
            byteCount += lastRecord
        }
        return (byteCount, lastRecord)
    }
}

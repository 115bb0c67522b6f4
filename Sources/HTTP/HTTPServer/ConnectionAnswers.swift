// A connection's answers: heads, bodies, streams, and what happens when all is sent.

import Buffers
import EventLoops
import HTTPWire
import SystemCalls

extension Connection {
    // MARK: Whole answers

    func answer(with response: Response, to exchange: Exchange) {
        server.counters.requestEnded()
        self.exchange = nil
        send(response, version: exchange.version, isHead: exchange.method == .head)
    }

    /// Sends an answer, which ends the exchange.
    func send(_ response: Response, version: Version, isHead: Bool) {
        let byteCount = response.contentLength
        let hasBody = !isHead && byteCount > 0 && !response.status.forbidsBody
        let head = ResponseHead(response.status, response.fields)
        let isCopied = !hasBody || byteCount <= Limits.copiedAnswerByteCountMax
        server.withOutput { output in
            head.write(
                into: &output, response.status.forbidsBody ? .none : .length(byteCount),
                persistence(version), date: server.date())
            if isCopied, hasBody {
                for segment in response.body { output.append(segment) }
            }
            if isCopied, outgoing.isEmpty { return sendNow(output) }
            outgoing.append(output.copy())
        }
        if !isCopied { outgoing.append(response.body) }
        finishAnswer()
    }

    private func persistence(_ version: Version) -> ResponseHead.Persistence {
        guard state.persists else { return .close }
        return version == .http10 ? .keepAlive : .implied
    }

    /// RFC 9110, 15.2.1.
    func sendContinue() {
        server.withOutput { output in
            output.append(literal: "HTTP/1.1 100 Continue\r\n\r\n")
            sendNow(output)
        }
    }

    /// Sends what fits; the rest waits in a copy.
    private func sendNow(_ buffer: borrowing ByteBuffer) {
        buffer.withUnsafeBytes { bytes in
            guard let count = write(bytes) else { return }
            if count < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[count...])
                outgoing.append(Bytes(copying: rest))
            }
        }
    }

    /// Writes what fits now; nil when the connection is lost.
    private func write(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard state.phase != .closed, case .bytes(let count, _) = stream.write(bytes) else {
            close()
            return nil
        }
        server.counters.bytesSent(count)
        return count
    }

    private func finishAnswer() {
        guard state.phase != .closed else { return }
        sendOutgoing()
        guard state.phase != .closed else { return }
        proceed(state.answerEnded(hasUnsent: !outgoing.isEmpty, hasUnread: hasUnread))
    }

    private func proceed(_ next: ConnectionState.Next) {
        switch next {
        case .takeRequests:
            setDeadline(server.timeLimits.idle)
            takeInputSoon()
        case .takeLastRequest:
            setDeadline(server.timeLimits.lastRequest)
            takeInputSoon()
        case .waitUntilSent: setDeadline(server.timeLimits.sendStall)
        case .linger: linger()
        case .close: close()
        }
    }

    // MARK: Sending the rest

    /// The client may have taken something.
    func flush() {
        guard !outgoing.isEmpty else { return }
        sendOutgoing()
        if state.phase == .closed { return }
        if !outgoing.isEmpty {
            if state.phase == .sending { setDeadline(server.timeLimits.sendStall) }
        } else if state.phase == .sending {
            proceed(state.allIsSent(hasUnread: hasUnread))
        } else {
            responseStream?.becameWritable()
        }
    }

    private func sendOutgoing() {
        guard !outgoing.isEmpty else { return }
        var sentByteCount = 0
        let result = outgoing.send(to: stream, &sentByteCount)
        server.counters.bytesSent(sentByteCount)
        switch result {
        case .allSent, .full: break
        case .hasMore: stream.deliverAgain(.writable)
        case .failed: close()
        }
    }

    // MARK: Streams

    func beginStream(with head: ResponseHead, for exchange: Exchange) -> ResponseStream {
        self.exchange = nil
        let isChunked = exchange.version == .http11
        if !isChunked, exchange.method != .head { state.endsWithClose() }
        server.withOutput { output in
            head.write(
                into: &output, isChunked ? .chunked : .untilClose, persistence(exchange.version),
                date: server.date())
            sendNow(output)
        }
        guard exchange.method != .head else {
            server.counters.requestEnded()
            finishAnswer()
            return ResponseStream(closedOn: loop)
        }
        guard state.phase != .closed else {
            server.counters.requestEnded()
            return ResponseStream(closedOn: loop)
        }
        state.streamBegan()
        let responseStream = ResponseStream(self, isChunked: isChunked)
        self.responseStream = responseStream
        return responseStream
    }

    /// Writes a part of an endless answer, all of it if the client keeps up.
    func write(_ frame: Bytes) -> WriteState {
        guard outgoing.isEmpty else {
            outgoing.append(frame)
            return .full
        }
        let count = frame.withUnsafeBytes { write($0) }
        guard let count else { return .closed }
        if count == frame.count { return .ready }
        outgoing.append(frame.dropFirst(count))
        return .full
    }

    func write(_ frames: [Bytes]) -> WriteState {
        let isFull = !outgoing.isEmpty
        outgoing.append(frames)
        if isFull { return .full }
        sendOutgoing()
        if state.phase == .closed { return .closed }
        return outgoing.isEmpty ? .ready : .full
    }

    /// The endless answer has come to its end.
    func endStream(_ last: Bytes) {
        responseStream = nil
        server.counters.requestEnded()
        outgoing.append(last)
        finishAnswer()
    }
}

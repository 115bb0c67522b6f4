// When a connection reads, answers and closes.

/// When one connection may read, answer and close. Performs no I/O and reads no clock.
struct ConnectionState {
    enum Phase: Equatable {
        /// Between two requests.
        case idle
        case readingHead
        case readingBody
        /// A request is with its handler.
        case answering
        /// The head of an endless answer is out.
        case streaming
        /// An answer is complete, but not all of it is sent.
        case sending
        /// All is sent and the client knows it; what it still sends is dropped.
        case lingering
        case closed
    }

    private(set) var phase = Phase.idle
    private var isDraining = false
    /// Whether another request may follow the present one.
    private(set) var persists = true
    /// Whether the client may be sending what nobody will read.
    private var wasRefused = false

    /// Whether bytes of the client are taken as a request.
    var takesRequest: Bool {
        phase == .idle || phase == .readingHead || phase == .readingBody
    }

    /// Whether there is any use in reading. An answer that is not sent yet keeps a client that
    /// sends one request after the other waiting.
    var mayRead: Bool { takesRequest || phase == .lingering }

    // MARK: Requests

    /// A head is here in part. Returns whether it has just begun.
    mutating func headIsPartial() -> Bool {
        precondition(takesRequest, "\(phase)")
        defer { phase = .readingHead }
        return phase == .idle
    }

    /// A head is complete, its body is not.
    mutating func bodyBegan() {
        precondition(takesRequest, "\(phase)")
        phase = .readingBody
    }

    /// A request is complete and goes to its handler.
    mutating func requestEnded(persists: Bool) {
        precondition(takesRequest, "\(phase)")
        phase = .answering
        self.persists = persists && !isDraining
    }

    /// What came is no request, or too late; an answer says so, and nothing follows.
    mutating func refuse() {
        precondition(takesRequest, "\(phase)")
        phase = .answering
        persists = false
        wasRefused = true
    }

    // MARK: Answers

    enum Next: Equatable { case takeRequests, takeLastRequest, waitUntilSent, linger, close }

    /// An endless answer begins.
    mutating func streamBegan() {
        precondition(phase == .answering, "\(phase)")
        phase = .streaming
    }

    /// The answer cannot say where it ends but by closing.
    mutating func endsWithClose() { persists = false }

    /// An answer is complete.
    mutating func answerEnded(hasUnsent: Bool, hasUnread: Bool) -> Next {
        precondition(phase == .answering || phase == .streaming, "\(phase)")
        phase = .sending
        return hasUnsent ? .waitUntilSent : allIsSent(hasUnread: hasUnread)
    }

    /// Nothing is left to send of a complete answer.
    mutating func allIsSent(hasUnread: Bool) -> Next {
        precondition(phase == .sending, "\(phase)")
        if persists {
            phase = .idle
            return isDraining ? .takeLastRequest : .takeRequests
        }
        // RFC 9112, 9.6: to close with unread bytes may destroy the answer on its way.
        if wasRefused || hasUnread {
            phase = .lingering
            return .linger
        }
        return .close
    }

    // MARK: Ends

    enum DrainAction: Equatable { case close, awaitLastRequest, finish, ignore }

    /// Stops taking requests, after one more: as long as a client has not been told that its
    /// connection ends, a request may be on its way, and would be lost (RFC 9112, 9.3.1 and 9.6).
    mutating func drain() -> DrainAction {
        isDraining = true
        switch phase {
        case .idle: return .awaitLastRequest
        case .answering:
            // No head is out yet: this answer says it.
            persists = false
            return .finish
        case .readingHead, .readingBody, .streaming, .sending: return .finish
        case .lingering: return .close
        case .closed: return .ignore
        }
    }

    enum HangUpAction: Equatable { case close, ignore }

    /// The client will send nothing more. It may be gone, or only done asking.
    /// - Parameter answerIsListening: whether the handler wants to know.
    func clientFinished(answerIsListening: Bool) -> HangUpAction {
        switch phase {
        case .streaming: .close
        case .answering: answerIsListening ? .close : .ignore
        // Reading comes to the end by itself, after what was sent before it.
        case .idle, .readingHead, .readingBody, .sending, .lingering, .closed: .ignore
        }
    }

    enum TimeoutAction: Equatable { case refuse, close, ignore }

    /// The time limit of the present phase has passed.
    func timedOut() -> TimeoutAction {
        switch phase {
        // RFC 9110, 15.5.9.
        case .readingHead, .readingBody: .refuse
        case .idle, .sending, .lingering: .close
        case .answering, .streaming, .closed: .ignore
        }
    }

    mutating func close() { phase = .closed }
}

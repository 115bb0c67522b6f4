// The decisions of a connection.

import Testing

@testable import HTTPServer

@Suite struct ConnectionStateTests {
    private func answering(persists: Bool = true) -> ConnectionState {
        var state = ConnectionState()
        state.requestEnded(persists: persists)
        return state
    }

    @Test func `a connection takes the next request once an answer is sent`() {
        var state = answering()
        #expect(!state.mayRead)
        #expect(state.answerEnded(hasUnsent: false, hasUnread: false) == .takeRequests)
        #expect(state.mayRead)
    }

    @Test func `nothing is read while an answer is not sent`() {
        var state = answering()
        #expect(state.answerEnded(hasUnsent: true, hasUnread: true) == .waitUntilSent)
        #expect(!state.mayRead)
        #expect(state.allIsSent(hasUnread: true) == .takeRequests)
    }

    @Test func `a connection that is not to persist closes after its answer`() {
        var state = answering(persists: false)
        #expect(state.answerEnded(hasUnsent: false, hasUnread: false) == .close)
    }

    @Test func `a connection with unread bytes lingers before it closes`() {
        var state = answering(persists: false)
        #expect(state.answerEnded(hasUnsent: false, hasUnread: true) == .linger)
        #expect(state.mayRead)
        #expect(!state.takesRequest)
        #expect(state.timedOut() == .close)
    }

    @Test func `a refusal is answered, then the connection lingers`() {
        var state = ConnectionState()
        let began = [state.headIsPartial(), state.headIsPartial()]
        #expect(began == [true, false])
        state.refuse()
        #expect(!state.persists)
        #expect(state.answerEnded(hasUnsent: false, hasUnread: false) == .linger)
    }

    @Test func `each phase has its answer to a time limit`() {
        var state = ConnectionState()
        #expect(state.timedOut() == .close)
        _ = state.headIsPartial()
        #expect(state.timedOut() == .refuse)
        state.bodyBegan()
        #expect(state.timedOut() == .refuse)
        state.requestEnded(persists: true)
        #expect(state.timedOut() == .ignore)
        state.streamBegan()
        #expect(state.timedOut() == .ignore)
        _ = state.answerEnded(hasUnsent: true, hasUnread: false)
        #expect(state.timedOut() == .close)
    }

    @Test func `draining waits for the one request that may be on its way`() {
        var idle = ConnectionState()
        #expect(idle.drain() == .awaitLastRequest)
        idle.requestEnded(persists: true)
        #expect(!idle.persists)
        #expect(idle.answerEnded(hasUnsent: false, hasUnread: false) == .close)
        var reading = ConnectionState()
        _ = reading.headIsPartial()
        #expect(reading.drain() == .finish)
        reading.requestEnded(persists: true)
        #expect(!reading.persists)
        var closed = ConnectionState()
        closed.close()
        #expect(closed.drain() == .ignore)
    }

    @Test func `draining completes an answer, says that nothing follows, and closes`() {
        var state = answering()
        #expect(state.drain() == .finish)
        #expect(!state.persists)
        #expect(state.answerEnded(hasUnsent: true, hasUnread: false) == .waitUntilSent)
        #expect(state.allIsSent(hasUnread: false) == .close)
    }

    @Test func `an answer that promised to take another request is followed by one while draining`()
    {
        var state = answering()
        state.streamBegan()
        #expect(state.drain() == .finish)
        #expect(state.answerEnded(hasUnsent: false, hasUnread: false) == .takeLastRequest)
        state.requestEnded(persists: true)
        #expect(state.answerEnded(hasUnsent: false, hasUnread: false) == .close)
    }

    @Test func `a client that is done asking still gets its answer`() {
        let state = answering()
        #expect(state.clientFinished(answerIsListening: false) == .ignore)
        #expect(state.clientFinished(answerIsListening: true) == .close)
    }

    @Test func `a stream ends when its client has gone`() {
        var state = answering()
        state.streamBegan()
        #expect(state.clientFinished(answerIsListening: false) == .close)
    }
}

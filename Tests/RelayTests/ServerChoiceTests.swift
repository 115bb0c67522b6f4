// Which server a relay's next connection goes to.

import Testing

@testable import Relay

@Suite struct ServerChoiceTests {
    @Test func `the server that works is kept, and others follow in order`() {
        var choice = ServerChoice(count: 3, missedCountMax: 3)
        #expect(choice.order == [0, 1, 2])
        choice.refused(0)
        #expect(choice.order == [1, 2, 0])
        choice.connected(2)
        #expect(choice.order == [2, 1, 0])
    }

    @Test func `a server that is not ready gets connections only when no other one is`() {
        var choice = ServerChoice(count: 2, missedCountMax: 3)
        choice.answered(0, isReady: false)
        choice.answered(1, isReady: true)
        #expect(choice.order == [1, 0])
        choice.answered(0, isReady: true)
        #expect(choice.order == [0, 1])
    }

    @Test func `silence is taken for death once, after some checks`() {
        var choice = ServerChoice(count: 2, missedCountMax: 3)
        choice.answered(0, isReady: true)
        #expect((0..<4).map { _ in choice.missed(0) } == [false, false, true, false])
        #expect(choice.order == [1, 0])
        choice.answered(0, isReady: true)
        let isDead = choice.missed(0)
        #expect(!isDead)
    }
}

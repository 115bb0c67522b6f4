// How many handshakes a loop does at once, and how many in a row.

import EventLoops

/// The handshakes of one loop. Signatures are dear: a storm of reconnecting clients must not hold
/// up those that are connected. Used on its loop only.
final class HandshakeQueue: @unchecked Sendable {
    // Reason: used on its loop only.
    private let loop: EventLoop
    private let startedMax: Int
    private var startedCount = 0
    private var waiting: [TLSStream] = []
    private var nextIndex = 0
    private var isAsked = false

    init(_ loop: EventLoop, startedMax: Int) {
        self.loop = loop
        self.startedMax = startedMax
    }

    /// Lets `stream` begin when it is its turn.
    func enter(_ stream: TLSStream) {
        waiting.append(stream)
        askForTurn()
    }

    /// A handshake that had begun is over.
    func leave() {
        startedCount -= 1
        askForTurn()
    }

    private var isEmpty: Bool { nextIndex == waiting.count }

    private func askForTurn() {
        guard !isAsked, !isEmpty, startedCount < startedMax else { return }
        isAsked = true
        loop.execute { [self] in turn() }
    }

    private func turn() {
        isAsked = false
        var rest = Limits.handshakesPerTurnMax
        while rest > 0, startedCount < startedMax, let stream = next() {
            // It may have been closed while it waited.
            guard stream.isWaiting else { continue }
            startedCount += 1
            rest -= 1
            stream.begin()
        }
        askForTurn()
    }

    private func next() -> TLSStream? {
        guard !isEmpty else { return nil }
        let stream = waiting[nextIndex]
        nextIndex += 1
        if isEmpty || nextIndex >= 1024 {
            waiting.removeFirst(nextIndex)
            nextIndex = 0
        }
        return stream
    }
}

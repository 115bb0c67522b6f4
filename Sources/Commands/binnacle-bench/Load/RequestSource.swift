// What a load is made of: where its requests come from, when they are sent, and what came of them.

import Buffers

/// How an answer must look to count. Anything else ends the run: a failed request has no speed.
struct ExpectedAnswer {
    let statuses: ClosedRange<Int>
    let bodyByteCount: ClosedRange<Int>
    /// Whether the answer is one of those that are measured, or only prepares one.
    let isMeasured: Bool

    init(
        statuses: ClosedRange<Int>, bodyByteCount: ClosedRange<Int> = 0...Int.max,
        isMeasured: Bool = true
    ) {
        self.statuses = statuses
        self.bodyByteCount = bodyByteCount
        self.isMeasured = isMeasured
    }

    init(
        status: Int = 200, bodyByteCount: ClosedRange<Int> = 0...Int.max, isMeasured: Bool = true
    ) {
        self.init(
            statuses: status...status, bodyByteCount: bodyByteCount, isMeasured: isMeasured)
    }
}

/// What a connection does next.
enum NextStep {
    /// Sends what was appended.
    case request(ExpectedAnswer)
    /// Waits until another answer has come, and asks again.
    case later
    case nothingMore
}

/// Where and when a request is sent.
struct Slot {
    let connection: Int
    /// When it is to be sent; it may be later now.
    let dueAt: Int64
}

/// Makes the requests of a run.
protocol RequestSource {
    /// Appends the next request of a connection, if there is one.
    mutating func next(on slot: Slot, into buffer: inout ByteBuffer) -> NextStep
    /// Takes note that a connection has got its answer.
    mutating func answered(on connection: Int)
}

/// What a run came to.
struct LoadSample {
    var count = 0
    var bodyByteCount = 0
    var nanoseconds: Int64 = 0
    var latencies = LatencyHistogram()

    var perSecond: Double { Double(count) * 1e9 / Double(max(nanoseconds, 1)) }
}

/// When requests are sent.
enum Pace {
    /// As soon as the one before on the same connection is answered.
    case closed
    /// So many each second, whether the server keeps up or not.
    case open(perSecond: Double)
}

/// When a run is measured.
struct Window {
    var warmUp: Duration = .zero
    /// nil: until the source has no more requests.
    var length: Duration?
    var pace = Pace.closed
    /// Called when measuring begins and when it ends.
    var changed: () -> Void = {}
}

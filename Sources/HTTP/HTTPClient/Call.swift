// One call from its start to the end of its response, over one connection or several.

import Buffers
import EventLoops
import HTTPWire

/// One call. Used on its loop only, but for `cancel()`.
final class Call: @unchecked Sendable {
    // Reason: used on its loop only; what its reader touches is in `BodyQueue`, which has a lock.
    private enum Phase {
        case idle
        case dialing(Dial)
        case waiting
        case asking(Connection)
        case ended
    }

    let request: Request
    private let switchboard: Switchboard
    private var completion: ((Result<IncomingResponse, CallFailure>) -> Void)?
    private var phase = Phase.idle
    private var plan: AttemptPlan
    private var deadlines: Deadlines
    private var timer: ScheduledWork?
    private var endpoint: Int?
    private var body: BodyQueue?
    private var hasHead: Bool { body != nil }

    init(_ request: Request, _ switchboard: Switchboard) {
        self.request = request
        self.switchboard = switchboard
        plan = AttemptPlan(
            isRepeatable: request.isRepeatable,
            attemptCountMax: switchboard.limits.attemptCountMax)
        deadlines = Deadlines(request.times, now: switchboard.loop.now)
    }

    private var loop: EventLoop { switchboard.loop }

    /// - Parameter completion: called once, on the loop, with the head or a failure.
    /// - Precondition: called on the loop, once.
    func start(_ completion: @escaping @Sendable (Result<IncomingResponse, CallFailure>) -> Void) {
        self.completion = completion
        if case .ended = phase { return completion(.failure(failure(.cancelled))) }
        deadlines = Deadlines(request.times, now: loop.now)
        guard request.head.isTargetValid else {
            return end(.invalidRequest("the target \(request.head.target)"))
        }
        setTimer()
        switchboard.place(self)
    }

    /// Lets go of the response. May be called anywhere, also before `start`.
    func cancel() {
        loop.execute { [self] in end(.cancelled) }
    }

    // MARK: What the switchboard does with it

    var isEnded: Bool { if case .ended = phase { true } else { false } }
    var tried: Set<Int> { plan.tried }
    var needsNewConnection: Bool { plan.needsNewConnection }
    var dialTimeMax: Duration { request.times.connect }

    func isDialing(_ dial: Dial, to endpoint: Int) {
        wait(for: .connection, at: endpoint)
        phase = .dialing(dial)
    }

    /// Every connection to `endpoint` is in use.
    func isWaiting(for endpoint: Int) {
        wait(for: .connection, at: endpoint)
        phase = .waiting
    }

    private func wait(for wait: CallFailure.Wait, at endpoint: Int) {
        self.endpoint = endpoint
        deadlines.begin(wait, now: loop.now)
        setTimer()
    }

    func ask(over connection: Connection) {
        wait(for: .firstByte, at: connection.endpoint)
        phase = .asking(connection)
        let segments = switchboard.write(request, to: connection.endpoint)
        connection.begin(self, segments, isForHead: request.head.method == .head)
    }

    /// No endpoint is left to try.
    func noEndpointIsLeft() { end(lastCause) }

    func end(_ cause: CallFailure.Cause) {
        guard !isEnded else { return }
        finish(failure(cause))
    }

    private var lastCause = CallFailure.Cause.closed

    // MARK: What a connection does with it

    func received(_ head: IncomingHead) {
        guard case .asking(let connection) = phase else { return }
        switchboard.worked(connection.endpoint)
        deadlines.begin(.nextByte, now: loop.now)
        setTimer()
        let body = BodyQueue(byteCountMax: switchboard.limits.bufferedByteCountMax)
        self.body = body
        let response = IncomingResponse(
            head, from: switchboard.endpoints[connection.endpoint], body, self)
        let completion = completion
        self.completion = nil
        completion?(.success(response))
    }

    enum Room { case some, full }

    func received(_ piece: Bytes) -> Room {
        guard let body else { return .some }
        if body.add(piece) == .some {
            deadlines.begin(.nextByte, now: loop.now)
            return .some
        }
        deadlines.pause()
        return .full
    }

    /// The reader of the body has made room. May be called anywhere.
    func resume() {
        loop.execute { [self] in
            guard case .asking(let connection) = phase else { return }
            deadlines.begin(.nextByte, now: loop.now)
            setTimer()
            connection.resume()
        }
    }

    func receivedEnd() { finish(nil) }

    /// The dial or the connection failed.
    func attemptFailed(_ cause: CallFailure.Cause) {
        guard !isEnded, let endpoint else { return }
        lastCause = cause
        if hasHead { return finish(failure(cause)) }
        var attempt = AttemptPlan.Attempt(
            endpoint: endpoint, wasReused: false, hasSentBytes: false)
        if case .asking(let connection) = phase {
            // Slowness has nothing to do with how old the connection is.
            attempt.wasReused = connection.wasReused && !cause.isTimeOut
            attempt.hasSentBytes = connection.hasSentBytes
        }
        attempt.isOutOfTime = cause == .timedOut(.end) || cause == .closed
        if !attempt.wasReused { switchboard.failed(endpoint, cause) }
        phase = .idle
        switch plan.failed(attempt) {
        case .sameEndpoint: switchboard.connect(self, to: endpoint)
        case .otherEndpoint: switchboard.place(self)
        case .giveUp: finish(failure(cause))
        }
    }

    // MARK: Time

    private func setTimer() {
        let due = deadlines.due
        // A timer that is due earlier looks at the deadlines and sets itself again.
        if due == .never { return }
        if let timer, timer.due <= due { return }
        timer?.cancel()
        timer = loop.schedule(at: due) { [weak self] in self?.timerFired() }
    }

    private func timerFired() {
        timer = nil
        guard !isEnded else { return }
        guard let wait = deadlines.expired(now: loop.now) else { return setTimer() }
        switch phase {
        case .asking(let connection):
            // The connection tells nobody, but the phase still has what the plan needs.
            connection.abandon()
            attemptFailed(.timedOut(wait))
        case .dialing(let dial):
            dial.cancel()
            switchboard.dialEnded(endpoint)
            attemptFailed(.timedOut(wait))
        case .waiting, .idle: end(.timedOut(wait))
        case .ended: break
        }
    }

    // MARK: The end

    private func failure(_ cause: CallFailure.Cause) -> CallFailure {
        var execution = plan.execution
        if case .asking(let connection) = phase, connection.hasSentBytes { execution = .uncertain }
        if hasHead { execution = .uncertain }
        return CallFailure(cause, execution, at: endpoint.map { switchboard.endpoints[$0] })
    }

    private func finish(_ failure: CallFailure?) {
        let ending = phase
        phase = .ended
        timer?.cancel()
        timer = nil
        switchboard.ended(self)
        switch ending {
        case .dialing(let dial):
            dial.cancel()
            switchboard.dialEnded(endpoint)
        case .asking(let connection): if failure != nil { connection.abandon() }
        case .waiting: if let endpoint { switchboard.leaveQueue(self, endpoint) }
        case .idle, .ended: break
        }
        body?.end(failure)
        let completion = completion
        self.completion = nil
        if let failure { completion?(.failure(failure)) }
    }
}

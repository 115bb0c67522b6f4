// Many keep-alive connections on one thread, each with one request on its way at a time.

import Buffers
import Glibc
import SystemCalls

/// Sends, reads, checks and counts. Belongs to one thread.
final class LoadLoop<Source: RequestSource> {
    private enum Phase { case warmingUp, measuring, finishing }

    private let endpoint: Endpoint
    private let poller: Poller
    private let room = SocketRoom()
    private let connections: [LoadConnection]
    private let window: Window
    private var source: Source
    private var sample = LoadSample()
    private var phase = Phase.warmingUp
    /// When the present phase ends.
    private var deadline: Int64 = 0
    private var measuringSince: Int64 = 0
    private var openCount: Int
    /// Connections that have nothing to ask yet.
    private var waiting: [Int] = []
    /// nil: the loop is closed.
    private var schedule: Schedule?
    /// Makes the poller report when a request is due.
    private let alarm: TimerDescriptor

    private static var alarmToken: UInt64 { .max }

    init(to endpoint: Endpoint, connections count: Int, _ source: Source, _ window: Window)
        throws
    {
        self.endpoint = endpoint
        self.source = source
        self.window = window
        openCount = count
        poller = try Poller()
        alarm = try TimerDescriptor()
        try poller.addReadable(alarm.rawDescriptor, token: Self.alarmToken)
        let room = room
        connections = try (0..<count).map { _ in try LoadConnection(to: endpoint, room) }
        for (index, connection) in connections.enumerated() {
            try poller.addEdgeTriggered(connection.socket.rawValue, token: UInt64(index))
        }
    }

    /// Runs to the end of the window, and until the last answer has come.
    func run() throws -> LoadSample {
        let now = monotonicNanoseconds()
        if case .open(let perSecond) = window.pace {
            schedule = Schedule(perSecond: perSecond, from: now)
        }
        deadline = now + window.warmUp.nanoseconds
        if window.warmUp == .zero { beginMeasuring(now) }
        while openCount > 0 {
            if schedule != nil { try beginDue() }
            let count = poller.poll()
            if count == 0 { try wait() }
            for index in 0..<count { try serve(poller.report(index).token) }
        }
        if phase == .measuring { endMeasuring(monotonicNanoseconds()) }
        return sample
    }

    private func wait() throws {
        if let schedule, phase != .finishing, !waiting.isEmpty {
            alarm.set(nanoseconds: schedule.nextDue)
        }
        guard openCount > 0 else { return }
        let isReady = waitUntilReady(
            poller.rawDescriptor, POLLIN, milliseconds: Limits.stallMilliseconds)
        guard isReady else { throw BenchFailure("\(endpoint) has gone silent") }
    }

    private func serve(_ token: UInt64) throws {
        if token == Self.alarmToken { return alarm.acknowledge() }
        let index = Int(token)
        let connection = connections[index]
        guard !connection.isDone else { return }
        if !connection.socket.isOpen {
            guard try connection.socket.open() else { return }
            return try begin(index, monotonicNanoseconds())
        }
        try connection.socket.flush()
        while !connection.isDone {
            switch try connection.socket.read() {
            case .end: throw BenchFailure("\(endpoint) closed a connection")
            case .bytes(let count, let isDrained):
                let input = UnsafeRawBufferPointer(rebasing: room.bytes[..<count])
                if try connection.response.read(input) { try finish(index) }
                if isDrained { return }
            case .nothing: return
            }
        }
    }

    // MARK: Sending

    /// Begins what comes next on a connection that is free.
    private func begin(_ index: Int, _ now: Int64) throws {
        if schedule == nil || phase == .finishing { return try send(index, startedAt: now) }
        waiting.append(index)
    }

    /// Sends what is due, as far as there are free connections.
    private func beginDue() throws {
        let now = monotonicNanoseconds()
        endPhaseIfOver(now)
        while phase != .finishing, let due = schedule?.nextDue, due <= now,
            let index = waiting.popLast()
        {
            _ = schedule?.take()
            try send(index, startedAt: due)
        }
        guard phase == .finishing else { return }
        countOverdue(now)
        try beginWaiting(now)
    }

    /// What was due and could not be sent counts with what it has waited so far.
    private func countOverdue(_ now: Int64) {
        while let due = schedule?.nextDue, due <= deadline {
            _ = schedule?.take()
            sample.latencies.record(nanoseconds: now - due)
        }
    }

    private func send(_ index: Int, startedAt: Int64) throws {
        let connection = connections[index]
        connection.request.truncate(to: 0)
        let slot = Slot(connection: index, dueAt: startedAt)
        let next =
            phase == .finishing
            ? .nothingMore : source.next(on: slot, into: &connection.request)
        switch next {
        case .request(let expectation):
            try connection.begin(expectation, at: startedAt)
        case .later:
            waiting.append(index)
        case .nothingMore:
            connection.isDone = true
            openCount -= 1
            guard schedule != nil, phase != .finishing else { return }
            // Nothing is due any more.
            schedule = nil
            try beginWaiting(startedAt)
        }
    }

    /// Asks again for those that were told to wait.
    private func beginWaiting(_ now: Int64) throws {
        guard !waiting.isEmpty, schedule == nil || phase == .finishing else { return }
        let indices = waiting
        waiting = []
        for index in indices { try send(index, startedAt: now) }
    }

    // MARK: Answers

    private func finish(_ index: Int) throws {
        let connection = connections[index]
        let now = monotonicNanoseconds()
        let expected = connection.expected
        let response = connection.answer
        guard expected.statuses.contains(response.status),
            expected.bodyByteCount.contains(response.bodyByteCount)
        else {
            throw BenchFailure(
                "\(endpoint) answered \(response.status) with \(response.bodyByteCount) bytes, "
                    + "not \(expected.statuses) with \(expected.bodyByteCount)")
        }
        if expected.isMeasured { note(connection, now) }
        if response.closesConnection { throw BenchFailure("\(endpoint) wants to close") }
        source.answered(on: index)
        try begin(index, now)
        try beginWaiting(now)
    }

    private func note(_ connection: LoadConnection, _ now: Int64) {
        if phase == .measuring {
            sample.count += 1
            sample.bodyByteCount += connection.answer.bodyByteCount
        }
        // A closed loop has fewer requests on their way the longer they take; an open one has sent
        // all that were due, so that the last ones are its slowest.
        let isCounted = schedule == nil ? phase == .measuring : connection.isFrom(measuringSince)
        if isCounted { sample.latencies.record(nanoseconds: now - connection.startedAt) }
        endPhaseIfOver(now)
    }

    private func endPhaseIfOver(_ now: Int64) {
        guard now >= deadline else { return }
        if phase == .measuring { return endMeasuring(now) }
        if phase == .warmingUp { beginMeasuring(now) }
    }

    private func beginMeasuring(_ now: Int64) {
        phase = .measuring
        measuringSince = now
        deadline = window.length.map { now + $0.nanoseconds } ?? .max
        window.changed()
    }

    private func endMeasuring(_ now: Int64) {
        phase = .finishing
        sample.nanoseconds = now - measuringSince
        window.changed()
    }
}

/// A connection of a load and the request that is on its way.
private final class LoadConnection {
    let socket: ClientSocket
    var request = ByteBuffer(reserving: 4096)
    var response = ResponseReader(keepsBody: false)
    private(set) var expected = ExpectedAnswer()
    private(set) var startedAt: Int64 = 0
    var isDone = false

    init(to endpoint: Endpoint, _ room: SocketRoom) throws {
        socket = try ClientSocket(to: endpoint, room)
    }

    var answer: (status: Int, bodyByteCount: Int, closesConnection: Bool) {
        (response.status, response.bodyByteCount, response.closesConnection)
    }

    func isFrom(_ moment: Int64) -> Bool { startedAt >= moment && moment > 0 }

    /// Sends the request.
    func begin(_ expected: ExpectedAnswer, at now: Int64) throws {
        self.expected = expected
        startedAt = now
        response.reset()
        try request.withUnsafeBytes { try socket.send($0) }
    }
}

extension Duration {
    var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}

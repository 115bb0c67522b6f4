// Many keep-alive connections on one thread, each with one request on its way at a time.

import Buffers
import Glibc
import SystemCalls

/// How an answer must look to count. Anything else ends the run: a failed request has no speed.
struct ExpectedAnswer {
    var status = 200
    var bodyByteCount = 0...Int.max
    /// Whether the answer is one of those that are measured, or only prepares one.
    var isMeasured = true
}

/// What a connection does next.
enum NextStep {
    /// Sends what was appended.
    case request(ExpectedAnswer)
    /// Waits until another answer has come, and asks again.
    case later
    case nothingMore
}

/// Makes the requests of a run.
protocol RequestSource {
    /// Appends the next request of a connection, if there is one.
    mutating func next(on connection: Int, into buffer: inout ByteBuffer) -> NextStep
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

/// When a run is measured.
struct Window {
    var warmUp: Duration = .zero
    /// nil: until the source has no more requests.
    var length: Duration?
    /// Called when measuring begins and when it ends.
    var changed: () -> Void = {}
}

/// Sends, reads, checks and counts. Belongs to one thread.
final class ClosedLoop<Source: RequestSource> {
    private enum Phase { case warmingUp, measuring, finishing }

    private let address: SocketAddress
    private let poller: Poller
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

    init(to address: SocketAddress, connections count: Int, _ source: Source, _ window: Window)
        throws
    {
        self.address = address
        self.source = source
        self.window = window
        openCount = count
        poller = try Poller()
        connections = try (0..<count).map { _ in try LoadConnection(to: address) }
        for (index, connection) in connections.enumerated() {
            try poller.addEdgeTriggered(connection.socket.rawValue, token: UInt64(index))
        }
    }

    /// Runs to the end of the window, and until the last answer has come.
    func run() throws -> LoadSample {
        let room = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Limits.readByteCountMax, alignment: 16)
        defer { room.deallocate() }
        let now = monotonicNanoseconds()
        deadline = now + window.warmUp.nanoseconds
        if window.warmUp == .zero { beginMeasuring(now) }
        while openCount > 0 {
            let count = poller.poll()
            if count == 0 { try wait() }
            for index in 0..<count { try serve(poller.report(index), room) }
        }
        if phase == .measuring { endMeasuring(monotonicNanoseconds()) }
        return sample
    }

    private func wait() throws {
        let isReady = waitUntilReady(
            poller.rawDescriptor, POLLIN, milliseconds: Limits.stallMilliseconds)
        guard isReady else { throw BenchFailure("\(address) has gone silent") }
    }

    private func serve(
        _ report: Poller.Report, _ room: UnsafeMutableRawBufferPointer
    ) throws {
        let index = Int(report.token)
        let connection = connections[index]
        guard !connection.isDone else { return }
        if !connection.isConnected {
            if let error = connection.socket.connectError() { throw error }
            connection.isConnected = true
            return try begin(index, monotonicNanoseconds())
        }
        try connection.flush()
        // A read that leaves room has emptied the socket (epoll(7)), which saves a call.
        while !connection.isDone {
            switch connection.socket.read(into: room) {
            case .bytes(0): throw BenchFailure("\(address) closed a connection")
            case .bytes(let count):
                let input = UnsafeRawBufferPointer(rebasing: room[..<count])
                if try connection.response.read(input) { try finish(index) }
                if count < room.count { return }
            case .wouldBlock: return
            case .failed(let error): throw error
            }
        }
    }

    private func begin(_ index: Int, _ now: Int64) throws {
        let connection = connections[index]
        connection.request.truncate(to: 0)
        let next =
            phase == .finishing
            ? .nothingMore : source.next(on: index, into: &connection.request)
        switch next {
        case .request(let expectation):
            connection.begin(expectation, at: now)
            try connection.flush()
        case .later:
            waiting.append(index)
        case .nothingMore:
            connection.isDone = true
            openCount -= 1
        }
    }

    /// Asks again for those that were told to wait.
    private func beginWaiting(_ now: Int64) throws {
        guard !waiting.isEmpty else { return }
        let indices = waiting
        waiting = []
        for index in indices { try begin(index, now) }
    }

    private func finish(_ index: Int) throws {
        let connection = connections[index]
        let now = monotonicNanoseconds()
        let expected = connection.expected
        let response = connection.answer
        guard response.status == expected.status,
            expected.bodyByteCount.contains(response.bodyByteCount)
        else {
            throw BenchFailure(
                "\(address) answered \(response.status) with \(response.bodyByteCount) bytes, "
                    + "not \(expected.status) with \(expected.bodyByteCount)")
        }
        if expected.isMeasured { note(connection, now) }
        if response.closesConnection { throw BenchFailure("\(address) wants to close") }
        source.answered(on: index)
        try begin(index, now)
        try beginWaiting(now)
    }

    private func note(_ connection: LoadConnection, _ now: Int64) {
        if phase == .measuring {
            sample.count += 1
            sample.bodyByteCount += connection.answer.bodyByteCount
            sample.latencies.record(nanoseconds: now - connection.startedAt)
        }
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

/// A connection of a closed loop and the request that is on its way.
private final class LoadConnection {
    let socket: Descriptor
    var request = ByteBuffer(reserving: 4096)
    var response = ResponseReader(keepsBody: false)
    var expected = ExpectedAnswer()
    var startedAt: Int64 = 0
    var isConnected = false
    var isDone = false
    private var sentCount = 0

    init(to address: SocketAddress) throws { socket = try .connecting(to: address) }

    var answer: (status: Int, bodyByteCount: Int, closesConnection: Bool) {
        (response.status, response.bodyByteCount, response.closesConnection)
    }

    func begin(_ expected: ExpectedAnswer, at now: Int64) {
        self.expected = expected
        startedAt = now
        sentCount = 0
        response.reset()
    }

    /// Sends what the socket takes of the request.
    func flush() throws {
        while sentCount < request.count {
            let sent = request.withUnsafeBytes { bytes in
                socket.send(UnsafeRawBufferPointer(rebasing: bytes[sentCount...]))
            }
            switch sent {
            case .bytes(let count): sentCount += count
            case .wouldBlock: return
            case .failed(let error): throw error
            }
        }
    }
}

extension Duration {
    var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}

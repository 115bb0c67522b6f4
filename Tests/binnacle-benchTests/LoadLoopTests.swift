import Buffers
import Glibc
import SystemCalls
import Testing

@testable import binnacle_bench

/// A server on loopback that gives one connection the answers of a list, and then closes it.
private struct CannedServer {
    let endpoint: Endpoint
    private let work: BackgroundWork

    /// - Parameter delay: how long each answer takes.
    init(_ answers: [String], after delay: Duration = .zero) throws {
        let listener = try Descriptor.listener(on: .loopback(port: 0))
        endpoint = Endpoint(try listener.localAddress())
        let shared = Shared(listener)
        work = BackgroundWork { try Self.serve(shared.listener, answers, delay) }
    }

    func wait() throws { try work.wait() }

    private final class Shared: Sendable {
        let listener: Descriptor
        init(_ listener: consuming Descriptor) { self.listener = listener }
    }

    private static func serve(
        _ listener: borrowing Descriptor, _ answers: [String], _ delay: Duration
    ) throws {
        let isReady = waitUntilReady(
            listener.rawValue, POLLIN, milliseconds: Limits.stallMilliseconds)
        guard isReady, case .accepted(let socket, _) = listener.accept() else {
            throw BenchFailure("nobody came")
        }
        var room = [UInt8](repeating: 0, count: 4096)
        for answer in answers {
            _ = waitUntilReady(socket.rawValue, POLLIN, milliseconds: Limits.stallMilliseconds)
            _ = room.withUnsafeMutableBytes { socket.read(into: $0) }
            waitUntil(nanoseconds: monotonicNanoseconds() + delay.nanoseconds)
            _ = Array(answer.utf8).withUnsafeBytes { socket.send($0) }
        }
    }
}

@Suite struct LoadLoopTests {
    private func run(_ answers: [String], _ expectation: ExpectedAnswer) throws -> LoadSample {
        let server = try CannedServer(answers)
        var left = answers.count
        let requests = Requests { _, buffer in
            left -= 1
            guard left >= 0 else { return nil }
            Request.get("/").write(into: &buffer, host: server.endpoint)
            return expectation
        }
        let sample = try LoadLoop(to: server.endpoint, connections: 1, requests, Window()).run()
        try server.wait()
        return sample
    }

    private func answer(_ status: String, _ body: String) -> String {
        "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test func `every answer is counted`() throws {
        let sample = try run(
            Array(repeating: answer("200 OK", "hello"), count: 7),
            ExpectedAnswer(bodyByteCount: 5...5))
        #expect(sample.count == 7)
        #expect(sample.bodyByteCount == 35)
        #expect(sample.latencies.count == 7)
    }

    @Test func `another status than expected ends the run`() {
        #expect(throws: BenchFailure.self) {
            try run([answer("200 OK", "x"), answer("500 Oops", "x")], ExpectedAnswer())
        }
    }

    @Test func `another length than expected ends the run`() {
        #expect(throws: BenchFailure.self) {
            try run([answer("200 OK", "short")], ExpectedAnswer(bodyByteCount: 6...6))
        }
    }

    @Test func `a connection that closes early ends the run`() {
        #expect(throws: BenchFailure.self) {
            try run(["HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"], ExpectedAnswer())
        }
    }

    @Test func `an open loop counts from when a request was due`() throws {
        let delay = Duration.milliseconds(60)
        let server = try CannedServer([answer("200 OK", ""), answer("200 OK", "")], after: delay)
        var left = 2
        let requests = Requests { _, buffer in
            left -= 1
            guard left >= 0 else { return nil }
            Request.get("/").write(into: &buffer, host: server.endpoint)
            return ExpectedAnswer()
        }
        let window = Window(pace: .open(perSecond: 1000))
        let sample = try LoadLoop(to: server.endpoint, connections: 1, requests, window).run()
        try server.wait()
        // The second was due a millisecond after the first, and waited for its answer, too.
        #expect(sample.latencies.nanoseconds(at: 1) > 2 * delay.nanoseconds - 5_000_000)
    }

    @Test func `a schedule keeps its moments, however late they are taken`() {
        var schedule = Schedule(perSecond: 1000, from: 5)
        #expect((0..<3).map { _ in schedule.take() } == [5, 1_000_005, 2_000_005])
    }

    @Test func `a list waits for a patch of its own`() {
        let endpoint = Endpoint(.loopback(port: 1))
        var lists = PatchedLists(.get("/"), to: endpoint, listers: 2, ExpectedAnswer(), pods: 10)
        var buffer = ByteBuffer()
        func step(_ connection: Int) -> String {
            switch lists.next(on: Slot(connection: connection, dueAt: 0), into: &buffer) {
            case .request(let expectation): expectation.isMeasured ? "list" : "patch"
            case .later: "later"
            case .nothingMore: "nothing"
            }
        }
        #expect(step(0) == "later")
        #expect(step(2) == "patch")
        #expect(step(0) == "later")
        lists.answered(on: 2)
        #expect(step(0) == "list")
        #expect(step(1) == "later")
        #expect([step(2), step(3)] == ["patch", "patch"])
        #expect(step(2) == "later")
    }
}

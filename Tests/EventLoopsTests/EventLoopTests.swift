// Loops, timers and sockets.

import Buffers
import Glibc
import Synchronization
import SystemCalls
import Testing

@testable import EventLoops

/// A clock that stands still until it is moved.
private final class ManualClock: LoopClock {
    private let nanoseconds = Atomic<Int64>(1_000)
    var now: LoopTime { LoopTime(nanoseconds: nanoseconds.load(ordering: .relaxed)) }
    var isMonotonicClock: Bool { false }
    func advance(by count: Int64) { nanoseconds.wrappingAdd(count, ordering: .relaxed) }
}

/// Keeps what a socket was reported to be ready for.
private final class Recorder: ByteStreamHandler, @unchecked Sendable {
    // Reason: used on one loop only.
    var whenReady: ((Readiness) -> Void)?
    func streamBecameReady(_ readiness: Readiness) { whenReady?(readiness) }
    func streamWillEnd() {}
}

extension EventLoop {
    fileprivate func perform<Result: Sendable>(
        _ work: @escaping @Sendable () -> Result
    ) async -> Result {
        await withCheckedContinuation { continuation in
            execute { continuation.resume(returning: work()) }
        }
    }
}

@Suite(.timeLimit(.minutes(10))) struct EventLoopTests {
    @Test func `work runs on the loop and in order`() async throws {
        let group = try EventLoopGroup(count: 2)
        let loop = group.loops[0]
        #expect(!loop.isCurrent)
        let seen = Mutex<[Int]>([])
        for number in 0..<100 { loop.execute { seen.withLock { $0.append(number) } } }
        let state = await loop.perform { [group] in (loop.isCurrent, group.loops[1].isCurrent) }
        #expect(state == (true, false))
        #expect(seen.withLock { $0 } == Array(0..<100))
    }

    @Test func `a task can prefer a loop`() async throws {
        let loop = try EventLoopGroup(count: 1).loops[0]
        let isOnLoop = await Task(executorPreference: loop) { loop.isCurrent }.value
        #expect(isOnLoop)
    }

    @Test func `loops take turns`() throws {
        let group = try EventLoopGroup(count: 2)
        #expect(group.next() === group.loops[0])
        #expect(group.next() === group.loops[1])
        #expect(group.next() === group.loops[0])
    }

    @Test func `scheduled work runs when it is due and not when it is cancelled`() async throws {
        let clock = ManualClock()
        let loop = try EventLoopGroup(count: 1, clock: clock).loops[0]
        let seen = Mutex<[String]>([])
        await loop.perform {
            loop.schedule(after: .nanoseconds(20)) { seen.withLock { $0.append("second") } }
            loop.schedule(after: .nanoseconds(10)) { seen.withLock { $0.append("first") } }
            loop.schedule(after: .nanoseconds(15)) { seen.withLock { $0.append("never") } }.cancel()
            loop.runDueWork()
        }
        #expect(seen.withLock { $0 } == [])
        clock.advance(by: 19)
        await loop.perform { loop.runDueWork() }
        #expect(seen.withLock { $0 } == ["first"])
        clock.advance(by: 1)
        await loop.perform { loop.runDueWork() }
        #expect(seen.withLock { $0 } == ["first", "second"])
    }

    @Test func `the kernel's clock wakes the loop`() async throws {
        let loop = try EventLoopGroup(count: 1).loops[0]
        let start = loop.now
        let end = await withCheckedContinuation { continuation in
            loop.execute {
                loop.schedule(after: .seconds(3600)) {}
                loop.schedule(after: .milliseconds(5)) { continuation.resume(returning: loop.now) }
            }
        }
        #expect(end - start >= .milliseconds(5))
    }

    @Test func `cancelled work does not pile up`() async throws {
        let loop = try EventLoopGroup(count: 1, clock: ManualClock()).loops[0]
        let count = await loop.perform {
            for _ in 0..<10_000 { loop.schedule(after: .seconds(60)) {}.cancel() }
            return loop.scheduledCount
        }
        #expect(count < 100)
    }

    @Test func `a socket passes bytes on and reports the end`() async throws {
        let loop = try EventLoopGroup(count: 1).loops[0]
        let outcome = await withCheckedContinuation { continuation in
            loop.execute { Self.exchange(on: loop) { continuation.resume(returning: $0) } }
        }
        #expect(outcome == "hello, world")
    }

    /// Sends two segments from one socket to another and reports what arrived when it ended.
    private static func exchange(on loop: EventLoop, _ done: @escaping (String) -> Void) {
        guard let sockets = pair(on: loop) else { return done("no sockets") }
        let recorder = Recorder()
        var text = ""
        recorder.whenReady = { _ in
            while true {
                switch sockets.1.read(into: loop.scratch) {
                case .bytes(let count, _):
                    text += String(decoding: loop.scratch[..<count], as: UTF8.self)
                case .wouldBlock: return
                case .end, .failed:
                    sockets.0.close()
                    sockets.1.close()
                    return done(text)
                }
            }
        }
        sockets.1.handler = recorder
        var position = SegmentPosition()
        position.byte = 2
        let written = sockets.0.write(["> hello", ", ", "world"], from: position)
        if written != .bytes(12, isFull: false) { text = "\(written) " }
        sockets.0.finishWriting()
    }

    private static func pair(on loop: EventLoop) -> (StreamSocket, StreamSocket)? {
        guard let pair = try? Descriptor.socketPair() else { return nil }
        return pair.take { first, second in
            guard let first = try? StreamSocket(first, on: loop),
                let second = try? StreamSocket(second, on: loop)
            else { return nil }
            return (first, second)
        }
    }

    @Test func `a full socket says so and reports room again`() async throws {
        let loop = try EventLoopGroup(count: 1).loops[0]
        let wasFull = await withCheckedContinuation { continuation in
            loop.execute { Self.fill(on: loop) { continuation.resume(returning: $0) } }
        }
        #expect(wasFull)
    }

    private static func fill(on loop: EventLoop, _ done: @escaping (Bool) -> Void) {
        guard let sockets = pair(on: loop) else { return done(false) }
        let chunk = Bytes([UInt8](repeating: 1, count: 1 << 20))
        guard case .bytes(let taken, isFull: true) = sockets.0.write([chunk], from: .init())
        else { return done(false) }
        let recorder = Recorder()
        recorder.whenReady = { readiness in
            guard readiness.contains(.writable) else { return }
            sockets.0.close()
            sockets.1.close()
            done(true)
        }
        sockets.0.handler = recorder
        var read = 0
        while read < taken, case .bytes(let count, _) = sockets.1.read(into: loop.scratch) {
            read += count
        }
    }

    @Test func `a closed socket is silent`() async throws {
        let loop = try EventLoopGroup(count: 1).loops[0]
        let outcome = await loop.perform {
            guard let sockets = Self.pair(on: loop) else { return ReadOutcome.end }
            sockets.0.close()
            sockets.0.close()
            sockets.1.close()
            return sockets.0.read(into: loop.scratch)
        }
        #expect(outcome == .failed)
    }

    @Test func `shutting down closes every socket and frees the loop`() async throws {
        weak var released: EventLoop?
        try await {
            let group = try EventLoopGroup(count: 1)
            let loop = group.loops[0]
            released = loop
            _ = await loop.perform { Self.pair(on: loop) != nil }
            group.shutDown()
            await loop.perform {}
        }()
        while released != nil { await Task.yield() }
    }

    @Test func `a position moves over segments`() {
        let segments: [Bytes] = ["ab", "", "cde"]
        var position = SegmentPosition()
        position.advance(by: 1, in: segments)
        #expect(position.segment == 0 && position.byte == 1)
        position.advance(by: 1, in: segments)
        #expect(position.segment == 2 && position.byte == 0)
        position.advance(by: 3, in: segments)
        #expect(position.segment == 3 && position.byte == 0)
    }
}

@Suite struct SocketAddressTests {
    @Test(arguments: ["127.0.0.1:8080", "[::1]:8080", "0.0.0.0:0", "[2001:db8::1]:65535"])
    func `an address reads as it is written`(_ text: String) {
        #expect(SocketAddress(text)?.description == text)
    }

    @Test(arguments: [
        "", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1",
        "localhost:80", "::1:80", "[::1]", "[127.0.0.1]:80", "1.2.3:80", "[]:80",
    ])
    func `what is no address is refused`(_ text: String) {
        #expect(SocketAddress(text) == nil)
    }

    @Test(arguments: [
        ("127.0.0.1:1", true), ("127.255.0.9:1", true), ("128.0.0.1:1", false),
        ("[::1]:1", true), ("[::2]:1", false), ("[::ffff:127.0.0.1]:1", true),
        ("[::ffff:10.0.0.1]:1", false), ("0.0.0.0:1", false),
    ])
    func `loopback addresses are known`(_ text: String, _ isLoopback: Bool) {
        #expect(SocketAddress(text)?.isLoopback == isLoopback)
    }

    @Test func `an error says what failed`() {
        let error = SystemError(code: ECONNREFUSED, operation: "connect")
        #expect(error.description == "connect: Connection refused")
    }
}

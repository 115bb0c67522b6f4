// Thousands of watchers in one process and on one thread.

import Buffers
import Glibc
import SystemCalls

/// Opens watches on one path, reads them, and checks every event of every one.
final class WatcherCrowd {
    private let address: SocketAddress
    private let poller: Poller
    private let room = UnsafeMutableRawBufferPointer.allocate(
        byteCount: Limits.readByteCountMax, alignment: 16)
    private var watchers: [Watcher] = []
    private var openedCount = 0
    /// Events that were delivered to all watchers together.
    private(set) var deliveryCount = 0
    /// From the moment that the writer wrote into the object to its arrival here.
    private(set) var latencies = LatencyHistogram()
    /// When the last event came.
    private(set) var lastDeliveryAt: Int64 = 0

    init(_ address: SocketAddress) throws {
        self.address = address
        poller = try Poller()
    }

    deinit { room.deallocate() }

    /// What each watcher has seen.
    var tallies: [EventTally] { watchers.map(\.tally) }

    /// Opens `count` watches and waits until each has been answered.
    func open(_ count: Int, _ request: Request) throws {
        var buffer = ByteBuffer()
        request.write(into: &buffer, host: address)
        let bytes = buffer.freeze()
        while watchers.count < count {
            let batch = min(count - watchers.count, Limits.connectBatch)
            for _ in 0..<batch {
                let watcher = Watcher(try .connecting(to: address), request: bytes)
                try poller.addEdgeTriggered(
                    watcher.socket.rawValue, token: UInt64(watchers.count))
                watchers.append(watcher)
            }
            while openedCount < watchers.count { try turn() }
        }
    }

    /// Forgets the latencies so far.
    func forgetLatencies() { latencies = LatencyHistogram() }

    /// Reads until `count` events have been delivered in all.
    func read(untilDelivered count: Int) throws {
        while deliveryCount < count { try turn() }
    }

    /// Waits for something to read, and reads it.
    private func turn() throws {
        let count = poller.poll()
        if count == 0 {
            let isReady = waitUntilReady(
                poller.rawDescriptor, POLLIN, milliseconds: Limits.stallMilliseconds)
            guard isReady else { throw stalled() }
        }
        for index in 0..<count { try serve(watchers[Int(poller.report(index).token)]) }
    }

    private func stalled() -> BenchFailure {
        let counts = watchers.map(\.tally.count)
        return BenchFailure(
            "the watches have gone silent: \(openedCount) of \(watchers.count) are open, and have "
                + "seen between \(counts.min() ?? 0) and \(counts.max() ?? 0) events")
    }

    private func serve(_ watcher: Watcher) throws {
        try watcher.flush()
        while true {
            switch watcher.socket.read(into: room) {
            case .bytes(0): throw BenchFailure("\(address) closed a watch")
            case .bytes(let count):
                try take(UnsafeRawBufferPointer(rebasing: room[..<count]), watcher)
                if count < room.count { return }
            case .wouldBlock: return
            case .failed(let error): throw error
            }
        }
    }

    private func take(_ input: UnsafeRawBufferPointer, _ watcher: Watcher) throws {
        let now = monotonicNanoseconds()
        let wasOpen = watcher.isOpen
        try watcher.read(input) { (line) throws(BenchFailure) in
            let event = try EventLine(line)
            guard event.kind == .change else { return }
            try watcher.tally.add(revision: event.revision)
            deliveryCount += 1
            if let sentAt = event.sentAt { latencies.record(nanoseconds: now - sentAt) }
        }
        lastDeliveryAt = now
        if watcher.isOpen, !wasOpen { openedCount += 1 }
    }
}

/// One watch: the head of its answer, then chunks, which hold lines.
private final class Watcher {
    let socket: Descriptor
    var tally = EventTally()
    private(set) var isOpen = false
    private var unsent: Bytes
    private var head = ByteBuffer(reserving: 16)
    private var chunks = ChunkDecoder()
    private var lines = LineSplitter()

    init(_ socket: consuming Descriptor, request: Bytes) {
        self.socket = socket
        unsent = request
    }

    func flush() throws {
        guard !unsent.isEmpty else { return }
        if let error = socket.connectError() { throw error }
        switch unsent.withUnsafeBytes({ socket.send($0) }) {
        case .bytes(let count): unsent = unsent.dropFirst(count)
        case .wouldBlock: return
        case .failed(let error): throw error
        }
    }

    /// Reads on, and calls `body` with each event's line.
    func read(
        _ input: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) throws(BenchFailure) -> Void
    ) throws(BenchFailure) {
        var input = input
        if !isOpen {
            guard let start = try readHead(input) else { return }
            input = UnsafeRawBufferPointer(rebasing: input[start...])
        }
        _ = try chunks.decode(input) { (payload) throws(BenchFailure) in
            try lines.split(payload, body)
        }
        if chunks.isFinished { throw BenchFailure("the server ended a watch") }
    }

    /// Returns where the body begins in `input`.
    private func readHead(_ input: UnsafeRawBufferPointer) throws(BenchFailure) -> Int? {
        let before = head.count
        head.append(input)
        let found = head.withUnsafeBytes { offset(of: "\r\n\r\n", in: $0) }
        guard let end = found.map({ $0 + 4 }) else { return nil }
        let text = String(head.copy()[0..<end]).lowercased()
        guard text.hasPrefix("http/1.1 200 "), text.contains("transfer-encoding: chunked") else {
            throw BenchFailure("a watch was answered with \(String(head.copy()))")
        }
        head = ByteBuffer(reserving: 16)
        isOpen = true
        return end - before
    }
}

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
    private var watchers: [CrowdWatcher] = []
    private var openedCount = 0
    /// Events that were delivered to all watchers together.
    private(set) var deliveryCount = 0
    /// From the moment that the writer wrote into the object to its arrival here.
    private(set) var latencies = LatencyHistogram()
    /// Whether the server may go away.
    var expectsEnd = false
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
        try open(Array(repeating: EventTally(), count: count)) { _, _ in request }
    }

    /// Opens a watch for each tally, which goes on from there, and waits until each has been
    /// answered.
    func open(_ tallies: [EventTally], _ request: (Int, EventTally) -> Request) throws {
        for batch in stride(from: 0, to: tallies.count, by: Limits.connectBatch) {
            for index in batch..<min(batch + Limits.connectBatch, tallies.count) {
                var buffer = ByteBuffer()
                request(index, tallies[index]).write(into: &buffer, host: address)
                let watcher = CrowdWatcher(
                    try .connecting(to: address), request: buffer.freeze(),
                    tally: tallies[index])
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

    /// Reads until `isDone` says so, which is asked again and again.
    func read(until isDone: () -> Bool) throws {
        while !isDone() {
            let isReady = waitUntilReady(
                poller.rawDescriptor, POLLIN, milliseconds: Limits.glanceMilliseconds)
            if isReady { try turn() }
        }
    }

    /// Whether all have been cut off by the end of the server, which they then take for no failure.
    var areCutOff: Bool { watchers.allSatisfy(\.isCutOff) }

    /// The oldest position that one of them is at.
    var oldestPosition: UInt64 { watchers.lazy.map(\.tally.lastRevision).min() ?? 0 }

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

    private func serve(_ watcher: CrowdWatcher) throws {
        try watcher.flush()
        while true {
            switch watcher.socket.read(into: room) {
            case .bytes(0), .failed:
                guard expectsEnd else { throw BenchFailure("\(address) closed a watch") }
                watcher.isCutOff = true
                return
            case .bytes(let count):
                try take(UnsafeRawBufferPointer(rebasing: room[..<count]), watcher)
                // The socket is empty then, but its end may have been reported with the bytes.
                if count < room.count, !expectsEnd { return }
            case .wouldBlock: return
            }
        }
    }

    private func take(_ input: UnsafeRawBufferPointer, _ watcher: CrowdWatcher) throws {
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

// Thousands of watchers in one process and on one thread.

import Buffers
import Glibc
import SystemCalls

/// Connects subscribers, reads them, and checks every event of every one.
final class WatcherCrowd {
    private let endpoint: Endpoint
    private let poller: Poller
    private let room = SocketRoom()
    private var subscribers: [any Subscriber] = []
    private var isCutOff: [Bool] = []
    private var openedCount = 0
    private var cutOffCount = 0
    /// Events that were delivered to all of them together.
    private(set) var deliveryCount = 0
    /// From the moment that the writer wrote into the object to its arrival here.
    private(set) var latencies = LatencyHistogram()
    /// Whether the server may go away.
    var expectsEnd = false
    /// When the last event came.
    private(set) var lastDeliveryAt: Int64 = 0

    init(_ endpoint: Endpoint) throws {
        self.endpoint = endpoint
        poller = try Poller()
    }

    /// What each of them has seen.
    var tallies: [EventTally] { subscribers.map(\.tally) }

    /// Opens `count` watches and waits until each has been answered.
    func open(_ count: Int, _ request: Request) throws {
        try open(Array(repeating: EventTally(), count: count)) { _, _ in request }
    }

    /// Opens a watch for each tally, which goes on from there, and waits until each has been
    /// answered.
    func open(_ tallies: [EventTally], _ request: (Int, EventTally) -> Request) throws {
        let endpoint = endpoint
        try join(tallies.count) { index, socket in
            var buffer = ByteBuffer()
            request(index, tallies[index]).write(into: &buffer, host: endpoint)
            return StreamSubscriber(socket, request: buffer.freeze(), tally: tallies[index])
        }
    }

    /// Connects `count` subscribers that `make` makes, and waits until all are open.
    func join(_ count: Int, _ make: (Int, ClientSocket) throws -> any Subscriber) throws {
        for batch in stride(from: 0, to: count, by: Limits.connectBatch) {
            for index in batch..<min(batch + Limits.connectBatch, count) {
                let socket = try ClientSocket(to: endpoint, room)
                let subscriber = try make(index, socket)
                try poller.addEdgeTriggered(socket.rawValue, token: UInt64(subscribers.count))
                subscribers.append(subscriber)
                isCutOff.append(false)
            }
            while openedCount < subscribers.count { try turn() }
        }
    }

    /// Forgets the latencies so far.
    func forgetLatencies() { latencies = LatencyHistogram() }

    /// Reads until `count` events have been delivered in all.
    func read(untilDelivered count: Int) throws {
        while deliveryCount < count { try turn() }
    }

    /// The same; when nothing comes because `writer` has failed, its failure is the reason.
    func read(untilDelivered count: Int, of writer: BackgroundLoad) throws {
        do {
            try read(untilDelivered: count)
        } catch {
            throw writer.error ?? error
        }
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
    var areCutOff: Bool { cutOffCount == subscribers.count }

    /// The oldest position that one of them is at.
    var oldestPosition: UInt64 { subscribers.lazy.map(\.tally.lastRevision).min() ?? 0 }

    /// Waits for something to read, and reads it.
    private func turn() throws {
        let count = poller.poll()
        if count == 0 {
            let isReady = waitUntilReady(
                poller.rawDescriptor, POLLIN, milliseconds: Limits.stallMilliseconds)
            guard isReady else { throw stalled() }
        }
        for index in 0..<count { try serve(Int(poller.report(index).token)) }
    }

    private func stalled() -> BenchFailure {
        let counts = subscribers.map(\.tally.count)
        return BenchFailure(
            "the watches have gone silent: \(openedCount) of \(subscribers.count) are open, and "
                + "have seen between \(counts.min() ?? 0) and \(counts.max() ?? 0) events")
    }

    private func serve(_ index: Int) throws {
        let subscriber = subscribers[index]
        guard !isCutOff[index] else { return }
        if !subscriber.socket.isOpen {
            guard try subscriber.socket.open() else { return }
            try begin(subscriber)
        }
        do {
            try subscriber.socket.flush()
            try read(index, subscriber)
        } catch is SystemError where expectsEnd {
            cutOff(index)
        }
    }

    private func begin(_ subscriber: any Subscriber) throws {
        try subscriber.begin()
        if subscriber.isOpen { openedCount += 1 }
    }

    private func read(_ index: Int, _ subscriber: any Subscriber) throws {
        while true {
            switch try subscriber.socket.read() {
            case .end:
                guard expectsEnd else { throw BenchFailure("\(endpoint) closed a watch") }
                return cutOff(index)
            case .bytes(let count, let isDrained):
                try take(UnsafeRawBufferPointer(rebasing: room.bytes[..<count]), subscriber)
                // The socket is empty then, but its end may have been reported with the bytes.
                if isDrained, !expectsEnd { return }
            case .nothing: return
            }
        }
    }

    private func cutOff(_ index: Int) {
        isCutOff[index] = true
        cutOffCount += 1
    }

    private func take(_ input: UnsafeRawBufferPointer, _ subscriber: any Subscriber) throws {
        let now = monotonicNanoseconds()
        let wasOpen = subscriber.isOpen
        try subscriber.read(input) { (event) throws(BenchFailure) in
            try subscriber.tally.add(revision: event.revision)
            deliveryCount += 1
            if let sentAt = event.sentAt { latencies.record(nanoseconds: now - sentAt) }
        }
        lastDeliveryAt = now
        if subscriber.isOpen, !wasOpen { openedCount += 1 }
    }
}

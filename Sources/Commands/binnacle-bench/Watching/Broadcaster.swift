// Servers that hand each message to all of their subscribers.

import Buffers

/// One of them, and how it is written to and subscribed to.
protocol Broadcaster {
    /// As the table calls it.
    var name: String { get }
    var peer: Peer { get }
    /// How many writers at the same time keep the fan-out busy.
    var writerCount: Int { get }
    /// Where subscribers connect.
    var subscription: Endpoint { get }
    func subscriber(_ socket: ClientSocket) -> any Subscriber
    /// What writes the messages of `range`, on the writer's thread.
    func messages(_ range: Range<Int>) -> @Sendable () -> Requests
    /// The revisions that were there to see, oldest first; nil when the server does not tell.
    func revisions() throws -> [UInt64]?
}

/// Binnacle: each message is a new ConfigMap.
struct BinnacleBroadcaster: Broadcaster {
    let name: String
    let peer: Peer
    let subscription: Endpoint
    private let isPolled: Bool
    private let start: UInt64

    let writerCount = 8
    private static let path = StampedWrites.path

    /// - Parameter isPolled: whether subscribers poll, and do not watch.
    init(_ peer: Peer, _ wire: Wire, isPolled: Bool) throws {
        name = "binnacle"
        self.peer = peer
        self.isPolled = isPolled
        subscription = try peer.endpoint(wire)
        start = try Workbench.revision(of: peer.address, Self.path)
    }

    func subscriber(_ socket: ClientSocket) -> any Subscriber {
        let tally = EventTally(after: start)
        if isPolled {
            return PollSubscriber(
                socket, host: subscription, .binnacle(path: Self.path), tally: tally)
        }
        var buffer = ByteBuffer()
        Request.get("\(Self.path)?watch=true&resourceVersion=\(start)")
            .write(into: &buffer, host: subscription)
        return StreamSubscriber(socket, request: buffer.freeze(), tally: tally)
    }

    func messages(_ range: Range<Int>) -> @Sendable () -> Requests {
        let endpoint = peer.address
        return { StampedWrites.creates(range, endpoint) }
    }

    func revisions() throws -> [UInt64]? {
        try ListedRevisions.of(Self.path, peer.address).filter { $0 > start }
    }
}

/// etcd: each message is a put of the same object.
struct EtcdBroadcaster: Broadcaster {
    let name = "etcd"
    let peer: Peer
    let writerCount = 8

    private static let prefix = "/bench/events/"

    var subscription: Endpoint { peer.address }

    func subscriber(_ socket: ClientSocket) -> any Subscriber {
        var buffer = ByteBuffer()
        EtcdRequest.watch(Self.prefix).write(into: &buffer, host: subscription)
        return StreamSubscriber(socket, request: buffer.freeze(), form: .etcd)
    }

    func messages(_ range: Range<Int>) -> @Sendable () -> Requests {
        let endpoint = peer.address
        return {
            .numbered(range, answered: 200, to: endpoint) { number, slot in
                EtcdRequest.put(
                    "\(Self.prefix)\(padded(number, 8))",
                    StampedWrites.object(number, at: slot.dueAt))
            }
        }
    }

    func revisions() -> [UInt64]? { nil }
}

/// A server that passes on what it is posted: nchan, and the bare loop. Each message is what
/// binnacle sends for an event.
struct RelayBroadcaster: Broadcaster {
    /// How subscribers ask.
    enum Way {
        case stream(path: String)
        case poll
    }

    let name: String
    let peer: Peer
    let subscription: Endpoint
    let way: Way
    let publishPath: String
    /// What says that it was published.
    let publishStatuses: ClosedRange<Int>
    /// An event of binnacle's.
    let form: EventForm
    /// One: messages must not overtake each other.
    let writerCount = 1

    func subscriber(_ socket: ClientSocket) -> any Subscriber {
        switch way {
        case .poll:
            return PollSubscriber(socket, host: subscription, .nchan, tally: EventTally())
        case .stream(let path):
            var buffer = ByteBuffer()
            // nchan streams in chunks to those only who say that they take them.
            Request.get(path, fields: "TE: chunked\r\n")
                .write(into: &buffer, host: subscription)
            return StreamSubscriber(socket, request: buffer.freeze())
        }
    }

    func messages(_ range: Range<Int>) -> @Sendable () -> Requests {
        let (endpoint, form, path) = (peer.address, form, publishPath)
        let published = ExpectedAnswer(statuses: publishStatuses)
        return {
            .numbered(range, published, to: endpoint) { number, slot in
                // Revisions count from 1.
                .post(path, json: form.event(revision: number + 1, sentAt: slot.dueAt))
            }
        }
    }

    func revisions() -> [UInt64]? { nil }
}

/// The line that binnacle sends for an event, with gaps for what differs.
struct EventForm: Sendable {
    private let parts: [Bytes]
    let byteCount: Int

    private static let digitCount = 8

    /// - Parameter object: a stamped ConfigMap as binnacle serves it.
    init(_ object: Bytes) throws {
        let served = String(object).filter { $0 != "\n" }
        let line = #"{"type":"ADDED","object":"# + served + "}\n"
        var parts: [Bytes] = []
        var rest = Substring(line)
        for mark in [#""resourceVersion":""#, EventLine.sentMark.description] {
            guard let start = rest.firstRange(of: mark)?.upperBound else {
                throw BenchFailure("no \(mark) in \(object)")
            }
            parts.append(Bytes(String(rest[..<start])))
            rest = rest[start...].drop(while: \.isNumber)
        }
        parts.append(Bytes(String(rest)))
        self.parts = parts
        byteCount = line.utf8.count
    }

    func event(revision: Int, sentAt: Int64) -> Bytes {
        var line = ByteBuffer(reserving: byteCount + 32)
        line.append(parts[0])
        line.append(utf8: padded(revision, Self.digitCount))
        line.append(parts[1])
        line.append(decimal: sentAt)
        line.append(parts[2])
        return line.freeze()
    }
}

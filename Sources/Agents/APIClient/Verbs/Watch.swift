// The events of a resource as they happen.

import APIModel
import Buffers
import HTTPClient
import JSON

/// One event of a watch.
public enum WatchEvent: Sendable {
    case added(JSONValue)
    case modified(JSONValue)
    case deleted(JSONValue)
    /// Nothing that matches has happened up to this revision but what was told. `endsInitial` says
    /// that the present state is complete (Kubernetes enhancement 3157).
    case bookmark(revision: String, endsInitial: Bool)

    /// - Throws: `.refused` for an ERROR event, `.malformed` for what is none.
    init(_ value: JSONValue) throws(APIFailure) {
        guard let type = value["type"]?.string, let object = value["object"] else {
            throw .malformed("an event without type or object")
        }
        switch type {
        case "ADDED": self = .added(object)
        case "MODIFIED": self = .modified(object)
        case "DELETED": self = .deleted(object)
        case "BOOKMARK":
            let metadata = ObjectMeta(of: object)
            self = .bookmark(
                revision: metadata.resourceVersion,
                endsInitial: metadata.annotation("k8s.io/initial-events-end") == "true")
        case "ERROR":
            throw .refused(
                APIStatus(object) ?? APIStatus(code: 500, reason: nil, message: "\(object)"))
        default: throw .malformed("an event of type \(type)")
        }
    }

    /// Where a watch goes on after this event.
    public var revision: String {
        switch self {
        case .added(let object), .modified(let object), .deleted(let object):
            ObjectMeta(of: object).resourceVersion
        case .bookmark(let revision, _): revision
        }
    }
}

/// Where a watch begins.
public enum WatchStart: Sendable {
    /// After a revision that a list, an event or a bookmark gave.
    case after(String)
    /// With the present state, told as events that a bookmark ends.
    case presentState
}

/// The events of a resource from one server, until it ends the stream, is lost, or is silent for
/// longer than its bookmarks are apart. It has one reader.
public final class Watch: Sendable {
    private let response: IncomingResponse
    private let lines: LineBox

    init(_ response: IncomingResponse, eventByteCountMax: Int) {
        self.response = response
        lines = LineBox(eventByteCountMax)
    }

    /// Who gives the events.
    public var server: Endpoint { response.endpoint }

    /// The next events, in order, as many as have come: at least one. Nil when the server ended the
    /// stream in order: watch on after the last event's revision.
    /// - Throws: `.refused` for an error that the server tells, such as 410; `.unreachable` when it
    ///   is lost or silent.
    /// - Precondition: called by one task at a time.
    public func next() async throws(APIFailure) -> [WatchEvent]? {
        if let failure = lines.failure { throw failure }
        while true {
            let piece: Bytes?
            do {
                piece = try await response.next()
            } catch {
                throw .unreachable(error)
            }
            guard let piece else { return nil }
            var events: [WatchEvent] = []
            for line in try lines.add(piece) {
                do {
                    events.append(try WatchEvent(JSONValue(parsing: line)))
                } catch let failure as APIFailure {
                    // What came before the error counts; the error comes again with the next call.
                    guard events.isEmpty else {
                        lines.keep(failure)
                        return events
                    }
                    throw failure
                } catch {
                    throw .malformed("\(error)")
                }
            }
            if !events.isEmpty { return events }
        }
    }

    public func cancel() { response.cancel() }
}

/// Cuts a stream into lines. Used by the one reader of a watch.
private final class LineBox: @unchecked Sendable {
    // Reason: a watch has one reader at a time.
    private var rest = ByteBuffer(reserving: 0)
    private(set) var failure: APIFailure?
    private let lineByteCountMax: Int

    init(_ lineByteCountMax: Int) { self.lineByteCountMax = lineByteCountMax }

    func keep(_ failure: APIFailure) { self.failure = failure }

    func add(_ piece: Bytes) throws(APIFailure) -> [Bytes] {
        rest.append(piece)
        guard piece.contains(UInt8(ascii: "\n")) else {
            guard rest.count <= lineByteCountMax else { throw .malformed("an event without end") }
            return []
        }
        let all = rest.copy()
        var lines: [Bytes] = []
        var start = 0
        all.withUnsafeBytes { bytes in
            for index in 0..<bytes.count where bytes[index] == UInt8(ascii: "\n") {
                if index > start { lines.append(all[start..<index]) }
                start = index + 1
            }
        }
        rest.removeFirst(start)
        return lines
    }
}

extension API {
    /// Watches a resource. Bookmarks are always asked for.
    /// - Parameter time: after which the server ends the stream in order; nil lets it choose.
    /// - Throws: `.refused` with 410 when `start` is older than what the server remembers.
    public func watch(
        _ resource: Resource, _ selection: Selection = Selection(), from start: WatchStart,
        for time: Duration? = nil
    ) async throws(APIFailure) -> Watch {
        var items = selection.query + [("watch", "true"), ("allowWatchBookmarks", "true")]
        switch start {
        case .after(let revision): items.append(("resourceVersion", revision))
        case .presentState:
            items += [
                ("sendInitialEvents", "true"), ("resourceVersionMatch", "NotOlderThan"),
                ("resourceVersion", ""),
            ]
        }
        if let time { items.append(("timeoutSeconds", "\(time.components.seconds)")) }
        let response = try await stream(resource.path + PercentEncoding.query(items))
        return Watch(response, eventByteCountMax: limits.eventByteCountMax)
    }
}

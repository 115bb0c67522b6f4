// Objects, a loop and sinks for the tests.

import Buffers
import Storage
import Synchronization

@testable import WatchCache

/// An object as the tests think of it, apart from how the cache stores it.
struct Sample: Hashable {
    var key: String
    var uid = ""
    var labels: [String: String] = [:]
    /// `spec.nodeName` and `status.phase` of a pod; empty for a node.
    var fields: [String] = []
    var filler = ""

    var namespace: String {
        let parts = key.split(separator: "/")
        return parts.count == 4 ? String(parts[2]) : ""
    }
    var name: String { String(key.split(separator: "/").last!) }

    /// The object's JSON behind `"metadata":{`.
    private var rest: String {
        let labels = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let selected = labels.joined(separator: ",") + "|" + fields.joined(separator: ",")
        return #""name":"\#(name)","uid":"\#(uid)"},"s":"\#(selected)","f":"\#(filler)"}"#
    }

    var value: Bytes { Bytes(String(Samples.prefix(of: key)) + #""metadata":{"# + rest) }

    func body(at revision: UInt64) -> String {
        #""metadata":{"resourceVersion":"\#(revision)","# + rest
    }
}

enum Samples {
    static let pods = ResourceDescription(
        name: "core/pods", isNamespaced: true, objectPrefix: prefix(of: "core/pods/"),
        fieldNames: ["spec.nodeName", "status.phase"], readFields: readFields)
    static let nodes = ResourceDescription(
        name: "core/nodes", isNamespaced: false, objectPrefix: prefix(of: "core/nodes/"),
        readFields: readFields)

    static func prefix(of key: String) -> Bytes {
        key.hasPrefix("core/pods/")
            ? #"{"kind":"Pod","apiVersion":"v1","# : #"{"kind":"Node","apiVersion":"v1","#
    }

    @Sendable static func readFields(_ value: Bytes) -> ObjectFields {
        let text = String(value)
        let selected = part(of: text, behind: #""s":""#).split(
            separator: "|", omittingEmptySubsequences: false)
        let labels = selected[0].split(separator: ",").map { label in
            let pair = label.split(separator: "=", omittingEmptySubsequences: false)
            return (name: String(pair[0]), value: String(pair[1]))
        }
        let isPod = text.hasPrefix(String(prefix(of: "core/pods/")))
        let fields = selected[1].split(separator: ",", omittingEmptySubsequences: false)
        return ObjectFields(
            uid: part(of: text, behind: #""uid":""#), labels: labels,
            fields: isPod ? fields.map(String.init) : [])
    }

    private static func part(of text: String, behind mark: String) -> String {
        let marked = Array(mark.utf8)
        let bytes = Array(text.utf8)
        let start = bytes.indices.first { bytes[$0...].starts(with: marked) }! + marked.count
        return String(decoding: bytes[start...].prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
    }

    static func pod(
        _ name: String, namespace: String = "default", labels: [String: String] = [:],
        node: String = "", phase: String = "Running"
    ) -> Sample {
        Sample(
            key: "core/pods/\(namespace)/\(name)", uid: "uid-\(namespace)-\(name)", labels: labels,
            fields: [node, phase])
    }

    static func put(_ sample: Sample, _ revision: UInt64) -> Event {
        Event(
            revision: Revision(revision), key: Key(sample.key), change: .put(sample.value),
            previous: nil)
    }

    static func delete(_ key: String, _ revision: UInt64) -> Event {
        Event(revision: Revision(revision), key: Key(key), change: .delete, previous: nil)
    }

    /// A cache over an empty store that is not followed: the test applies batches itself.
    static func emptyCache(
        limits: WatchCache.Limits = WatchCache.Limits(), clock: CacheClock = .continuous
    ) async throws -> Cache {
        let cache = Cache(
            store: MemoryStore(), resources: [pods, nodes], clock: clock, limits: limits)
        try await cache.load()
        return cache
    }
}

extension Cache {
    /// Applies one transaction for each event.
    func apply(_ events: Event...) {
        for event in events { apply(EventBatch(events: [event], through: event.revision)) }
    }

    var pods: ResourceCache { resource("core/pods")! }
    var nodes: ResourceCache { resource("core/nodes")! }
}

/// A loop whose turns the test takes itself.
final class ManualLoop: Sendable {
    private let jobs = Mutex<[@Sendable () -> Void]>([])

    var jobCount: Int { jobs.withLock { $0.count } }

    func execute(_ job: @escaping @Sendable () -> Void) { jobs.withLock { $0.append(job) } }

    /// Runs the oldest job. Returns false when there is none.
    @discardableResult
    func runOne() -> Bool {
        guard let job = jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else { return false }
        job()
        return true
    }

    func runAll() { while runOne() {} }

    func demux(_ cache: Cache) -> Demux { Demux(cache: cache, execute: { self.execute($0) }) }
}

/// Writes events as text: `ADDED|key|revision|body`.
final class TextEncoder: EventEncoder {
    private(set) var encodedCount = 0

    func encode(_ event: WatchedEvent) -> Bytes {
        encodedCount += 1
        switch event {
        case .change(let change, let object):
            return Bytes("\(Self.word(change))|\(object.key)|\(object.revision)|\(object.body)")
        case .bookmark(let revision): return Bytes("BOOKMARK||\(revision)|")
        case .initialEventsEnd(let revision): return Bytes("END||\(revision)|")
        }
    }

    static func word(_ change: WatchedEvent.Change) -> String {
        switch change {
        case .added: "ADDED"
        case .modified: "MODIFIED"
        case .deleted: "DELETED"
        }
    }
}

/// Keeps what it is given, and answers as it is told to.
final class RecordingSink: WatchSink {
    private(set) var frames: [String] = []
    private(set) var deliveries: [(count: Int, through: Revision)] = []
    private(set) var endReason: WatchEnd?
    var answer = SinkState.ready
    var onDelivery: (() -> Void)?

    func deliver(_ frames: [Bytes], through: Revision) -> SinkState {
        precondition(endReason == nil, "delivered after the end")
        self.frames += frames.map { String($0) }
        deliveries.append((frames.count, through))
        onDelivery?()
        return answer
    }

    func end(_ reason: WatchEnd) {
        precondition(endReason == nil, "ended twice")
        endReason = reason
    }

    /// The frames up to the body: `ADDED|core/pods/default/a|7`.
    var headlines: [String] {
        frames.map { $0.split(separator: "|", maxSplits: 3, omittingEmptySubsequences: false) }
            .map { "\($0[0]) \($0[1]) \($0[2])" }
    }

    func forget() {
        frames = []
        deliveries = []
    }
}

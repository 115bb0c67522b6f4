// A cache of pods that follows no store.

import Buffers
import Resources
import Schema
import Storage
import WatchCache

/// A watch cache with so many pods, to which changes are applied directly.
final class PodCache {
    let cache: Cache
    let pods: ResourceCache
    let podByteCount: Int
    private let template = BenchObjects.pod(paddingByteCount: 900)
    private var revision: UInt64 = 1

    private static let clientPrefix = #"{"apiVersion":"v1","kind":"Pod","#
    private static let storedPrefix = #"{"kind":"Pod","apiVersion":"v1","#

    /// - Parameter limits: of the cache.
    init(_ count: Int, limits: WatchCache.Limits = WatchCache.Limits()) throws {
        let description = try Self.description()
        cache = try waiting {
            let cache = Cache(store: MemoryStore(), resources: [description], limits: limits)
            try await cache.load()
            return cache
        }
        guard let pods = cache.resource(description.name) else {
            throw BenchFailure("a cache without pods")
        }
        self.pods = pods
        podByteCount = Self.value(template, 0, revision: 0).count
        for start in stride(from: 0, to: count, by: 100) {
            apply(start..<min(start + 100, count))
        }
    }

    /// What the server knows of pods.
    static func description() throws -> ResourceDescription {
        let catalog = try Catalog.builtIn()
        guard let pods = catalog.resources.first(where: { $0.definition.plural == "pods" }) else {
            throw BenchFailure("a catalog without pods")
        }
        return ResourceDescription(
            name: "core/pods", isNamespaced: true, objectPrefix: Bytes(storedPrefix),
            fieldNames: pods.definition.selectableFields,
            readFields: { value in
                let read = pods.readFields(value)
                return ObjectFields(
                    uid: read.uid, labelBytes: read.labelBytes,
                    readLabels: { IndexedFields.readLabels($0) }, fields: read.fields)
            })
    }

    static func key(_ number: Int) -> Key {
        Key("core/pods/\(BenchObjects.namespace)/web-7c5ddbdf54-\(padded(number, 6))")
    }

    /// A pod as the store keeps it.
    static func value(_ template: ObjectTemplate, _ number: Int, revision: UInt64) -> Bytes {
        var buffer = ByteBuffer(reserving: template.byteCount + 128)
        buffer.append(utf8: storedPrefix)
        buffer.append(literal: "\"metadata\":{\"uid\":\"4f6c1f0e-5b0f-4d8e-9d0b-")
        buffer.append(utf8: padded(number, 12))
        buffer.append(literal: "\",\"generation\":")
        buffer.append(decimal: revision)
        buffer.append(UInt8(ascii: ","))
        let metadataStart = #""metadata":{"#.utf8.count
        buffer.append(template.bytes(number).dropFirst(clientPrefix.utf8.count + metadataStart))
        return buffer.freeze()
    }

    /// The events that write these pods once more, one transaction for each.
    func events(_ numbers: some Sequence<Int>) -> EventBatch {
        var events: [Event] = []
        for number in numbers {
            revision += 1
            events.append(
                Event(
                    revision: Revision(revision), key: Self.key(number),
                    change: .put(Self.value(template, number, revision: revision)),
                    previous: nil))
        }
        return EventBatch(events: events, through: Revision(revision))
    }

    func apply(_ numbers: some Sequence<Int>) { cache.applyDirectly(events(numbers)) }
}

/// Runs `work` and waits for it.
func waiting<Result: Sendable>(
    _ work: @escaping @Sendable () async throws -> Result
) throws -> Result {
    let outcome = Outcome<Result>()
    Task.detached {
        do {
            outcome.finish(.success(try await work()))
        } catch {
            outcome.finish(.failure(error))
        }
    }
    return try outcome.wait()
}

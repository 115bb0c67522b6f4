// A cache of a few objects, for the tests of this module.

import APIModel
import Buffers
import JSON
import Storage
import WatchCache

/// Objects as a cache shows them that follows a store.
struct CachedObjects {
    let cache: Cache

    /// - Parameter objects: by resource, such as `core/services`, and then by namespace and name.
    init(_ objects: [String: [String: JSONValue]]) async throws {
        let store = MemoryStore()
        for (resource, members) in objects {
            for (place, object) in members {
                let name = place.split(separator: "/").last.map(String.init) ?? ""
                var object = object
                var metadata = object["metadata"] ?? [:]
                metadata["name"] = .string(name)
                object["metadata"] = nil
                let rest = object.bytes.description.dropFirst()
                let text =
                    #"{"kind":"K","apiVersion":"v1","metadata":\#(metadata.bytes)"#
                    + (rest == "}" ? "}" : ",\(rest)")
                _ = try await store.commit(
                    Transaction(
                        comparisons: [],
                        operations: [.put(Key("\(resource)/\(place)"), Bytes(text))]))
            }
        }
        cache = Cache(store: store, resources: objects.keys.sorted().map(Self.description))
        try await cache.load()
    }

    private static func description(_ name: String) -> ResourceDescription {
        ResourceDescription(
            name: name, isNamespaced: name != "core/namespaces",
            objectPrefix: #"{"kind":"K","apiVersion":"v1","#, fieldNames: [],
            readFields: { _ in ObjectFields(uid: "", labels: [], fields: []) })
    }
}

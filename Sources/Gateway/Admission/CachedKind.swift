import APIModel
import Access
import Buffers
import JSON
import Storage
import WatchCache

/// One resource of the cache, as plugins read it.
struct CachedKind: Sendable {
    private let resource: ResourceCache
    private let name: String

    /// - Parameter name: such as `core/limitranges`.
    /// - Precondition: `cache` holds it.
    init(_ name: String, _ cache: Cache) {
        resource = cache.required(name)
        self.name = name
    }

    /// - Parameter namespace: empty for what is in none.
    func object(_ name: String, in namespace: String = "") -> JSONValue? {
        let place = namespace.isEmpty ? name : "\(namespace)/\(name)"
        return resource.snapshot().object(Key("\(self.name)/\(place)"))?.value
    }

    /// Those of a namespace, or all of them, in the order of their names.
    func objects(in namespace: String = "") -> [JSONValue] {
        let prefix = namespace.isEmpty ? "\(name)/" : "\(name)/\(namespace)/"
        var objects: [JSONValue] = []
        resource.snapshot().forEach(in: .prefix(Key(prefix))) { object in
            objects.append(object.value)
            return true
        }
        return objects
    }

    /// The default among classes: the newest that says so, and of several the first by name.
    /// - Parameter annotations: any of them, set to `true`, says so.
    func defaultClass(_ annotations: [String]) -> String? {
        let marked = objects().map { ObjectMeta(of: $0) }.filter { meta in
            annotations.contains { meta.annotation($0) == "true" }
        }
        // The names are in order: of those that are equally old the first is kept.
        return marked.reduce(nil as ObjectMeta?) { best, meta in
            guard let best else { return meta }
            let made = meta.creationTimestamp?.seconds ?? 0
            return made > best.creationTimestamp?.seconds ?? 0 ? meta : best
        }?.name
    }
}

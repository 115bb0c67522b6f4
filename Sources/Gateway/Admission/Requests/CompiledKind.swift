// What is made of all objects of a kind, kept until one of them changes.

import Access
import JSON
import Storage
import Synchronization
import WatchCache

/// The objects of one kind, ready for use. Reading what has not changed takes two short locks.
final class CompiledKind<Content: Sendable>: Sendable {
    private let resource: ResourceCache
    private let compile: @Sendable ([JSONValue]) -> Content
    private let kept = Mutex<(revision: Revision, content: Content)?>(nil)

    /// - Parameter compile: is given the objects in the order of their names.
    init(
        _ resource: ResourceCache, _ compile: @escaping @Sendable ([JSONValue]) -> Content
    ) {
        self.resource = resource
        self.compile = compile
    }

    /// The present content; `nil` when there are no objects, which costs one lock.
    var content: Content? {
        let snapshot = resource.snapshot()
        guard snapshot.count > 0 else { return nil }
        return kept.withLock { kept in
            if let kept, kept.revision == snapshot.changedAt { return kept.content }
            var objects: [JSONValue] = []
            snapshot.forEachObject { objects.append($0.value) }
            let content = compile(objects)
            kept = (snapshot.changedAt, content)
            return content
        }
    }
}

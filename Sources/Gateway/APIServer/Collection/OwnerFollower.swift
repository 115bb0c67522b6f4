// Feeds the graph of owners from the cache.

import APIModel
import Access
import Buffers
import JSON
import Storage
import Synchronization
import WatchCache

/// Every resource whose objects may own or be owned, and what has been made of them.
struct OwnerFollower {
    /// A resource, and whether something in it has changed since it was last looked at.
    private struct Followed {
        var resource: FollowedResource
        let mark: ChangeMark
    }

    private(set) var graph = OwnerGraph()
    private var followed: [String: Followed] = [:]
    private let cache: Cache
    private var resetCount: UInt64

    init(_ cache: Cache) {
        self.cache = cache
        resetCount = cache.resetCount
    }

    /// Follows these resources and no others from now on.
    /// - Parameter subscribe: is called for each new one, before it is first looked at.
    mutating func follow(
        _ resources: [ResourceCache], _ subscribe: (ResourceCache, ChangeMark) -> Void
    ) {
        let names = Set(resources.map(\.description.name))
        for (name, gone) in followed where !names.contains(name) {
            graph.forget(gone.resource.cache.keyRange)
            followed[name] = nil
        }
        for resource in resources {
            let name = resource.description.name
            // A definition that was deleted and made again has another cache.
            if let present = followed[name], present.resource.cache === resource,
                !present.mark.hasEnded
            {
                continue
            }
            let mark = ChangeMark()
            subscribe(resource, mark)
            followed[name] = Followed(resource: FollowedResource(resource), mark: mark)
        }
    }

    /// Takes in what has changed.
    mutating func catchUp() {
        let isReset = resetCount != cache.resetCount
        resetCount = cache.resetCount
        for name in followed.keys {
            guard followed[name]?.mark.take() == true || isReset else { continue }
            if isReset { followed[name]?.resource.restart() }
            followed[name]?.resource.catchUp { graph.take($0, of: cache.resource(name)) }
        }
    }

    mutating func takeWork() -> OwnerGraph.Work { graph.takeWork() }

    mutating func putBack(_ rest: OwnerGraph.Work) { graph.putBack(rest) }
}

/// Whether something has changed, for one who looks and many who tell.
final class ChangeMark: Sendable {
    /// At first everything is new.
    private let isSet = Atomic<Bool>(true)

    private let isOver = Atomic<Bool>(false)

    /// Whether nobody tells any more.
    var hasEnded: Bool { isOver.load(ordering: .acquiring) }

    func end() {
        isOver.store(true, ordering: .releasing)
        set()
    }

    func set() { isSet.store(true, ordering: .releasing) }

    /// Whether it was set since it was last taken.
    func take() -> Bool { isSet.exchange(false, ordering: .acquiringAndReleasing) }
}

/// Sets a mark at each change, and wakes whoever looks at the marks.
final class MarkingSink: WatchSink {
    private let mark: ChangeMark
    private let continuation: AsyncStream<Void>.Continuation

    init(_ mark: ChangeMark, _ continuation: AsyncStream<Void>.Continuation) {
        self.mark = mark
        self.continuation = continuation
    }

    func deliver(_ frames: [Bytes], through: Revision) -> SinkState {
        mark.set()
        continuation.yield()
        return .ready
    }

    /// The log may have begun anew: what there is then is looked at.
    func end(_ reason: WatchEnd) {
        mark.end()
        if reason == .shutdown { continuation.finish() } else { continuation.yield() }
    }
}

extension OwnerGraph {
    fileprivate mutating func take(
        _ change: FollowedResource.Change, of resource: ResourceCache?
    ) {
        switch change {
        case .event(let event):
            if let previous = event.previous, previous.uid != event.object.uid {
                lose(Member(previous))
            }
            if event.kind == .deleted {
                lose(Member(event.object))
            } else {
                see(Member(event.object))
            }
        case .all(let snapshot):
            if let resource { forget(resource.keyRange) }
            snapshot.forEachObject { see(Member($0)) }
        }
    }
}

extension OwnerGraph.Member {
    /// Most objects have no owners and are not being deleted, which is seen without decoding them.
    fileprivate init(_ object: CachedObject) {
        // What is kept must not hold the object's bytes in memory.
        key = Key(object.key.bytes.compacted())
        uid = object.uid.description
        let isBeingDeleted = object.isBeingDeleted
        guard isBeingDeleted || object.body.mentions("\"owner", before: UInt8(ascii: "R"))
        else { return }
        let meta = ObjectMeta(of: object.value)
        owners = Set(meta.ownerReferences.map(\.uid))
        isWaiting =
            isBeingDeleted
            && meta.finalizers.contains { DependentFinalizer(rawValue: $0) != nil }
    }
}

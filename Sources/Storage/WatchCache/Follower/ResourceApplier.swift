// How stored events change a resource. Only the cache's applier comes here.

import Buffers
import Observability
import Storage
import Synchronization

/// The applier's own side of a resource: the tree that the next publication shows.
struct ResourceApplier: Sendable {
    enum Phase: Sendable {
        /// Being listed; changes wait here. `nil` when there were too many: list again.
        case listing(pending: [Event]?)
        case following
    }

    var phase = Phase.listing(pending: [])
    var tree = Tree()
    /// What the listing shows; events up to it are part of it.
    var floor = Revision.zero
    var nextSequence: UInt64 = 0
}

extension ResourceCache {
    /// Applies whole transactions, in order, behind what a check has found, and publishes all in
    /// one step.
    func apply(_ events: [Event], behind corrections: [Corrections] = []) {
        applier.withLock { state in
            switch state.phase {
            case .listing(let pending):
                state.phase = .listing(pending: nil)
                guard var pending,
                    pending.count + events.count <= common.limits.pendingEventCountMax
                else { return }
                pending += events
                state.phase = .listing(pending: pending)
            case .following:
                follow(events, behind: corrections, &state)
            }
        }
    }

    private func follow(
        _ events: [Event], behind corrections: [Corrections] = [], _ state: inout ResourceApplier
    ) {
        var logged = corrections.flatMap { correct($0, &state) }
        logged.reserveCapacity(logged.count + events.count)
        for event in events where event.revision > state.floor {
            guard let logEvent = change(event, &state) else { continue }
            logged.append(logEvent)
        }
        publish(state.tree, logged)
    }

    /// Makes one change. A value that cannot be shown is as good as none.
    private func change(_ event: Event, _ state: inout ResourceApplier) -> LogEvent? {
        guard case .put(let value) = event.change else { return remove(event, &state) }
        let item = Item(key: event.key, value: value, revision: event.revision)
        guard let object = form.object(item) else {
            common.refuse(event.key, event.revision)
            return remove(event, &state)
        }
        let previous = state.tree.insert(object)
        return logEvent(previous == nil ? .added : .modified, object, previous, &state)
    }

    private func remove(_ event: Event, _ state: inout ResourceApplier) -> LogEvent? {
        remove(event.key, at: event.revision, &state)
    }

    private func remove(
        _ key: Key, at revision: Revision, _ state: inout ResourceApplier
    ) -> LogEvent? {
        guard let previous = state.tree.remove(key) else { return nil }
        let object = previous.respliced(at: revision)
        return logEvent(.deleted, object, previous, &state)
    }

    /// Makes the objects what the store says they are. Each keeps its own revision; the events
    /// stand where nobody has been yet.
    private func correct(
        _ corrections: Corrections, _ state: inout ResourceApplier
    ) -> [LogEvent] {
        var events: [LogEvent] = []
        for (key, item) in corrections.items {
            let known = state.tree.object(key)
            if let known, let item, form.isObject(known, of: item) { continue }
            guard let item, let object = form.object(item) else {
                if let event = remove(key, at: corrections.position, &state) {
                    events.append(event)
                }
                continue
            }
            state.tree.insert(object)
            state.nextSequence += 1
            events.append(
                LogEvent(
                    kind: known == nil ? .added : .modified, object: object, previous: known,
                    sequence: state.nextSequence, at: corrections.position))
        }
        figures.corrections.increment(by: UInt64(events.count))
        if !events.isEmpty {
            common.report(.corrected(at: corrections.position, objectCount: events.count))
        }
        return events
    }

    private func logEvent(
        _ kind: LogEvent.Kind, _ object: CachedObject, _ previous: CachedObject?,
        _ state: inout ResourceApplier
    ) -> LogEvent {
        state.nextSequence += 1
        return LogEvent(
            kind: kind, object: object, previous: previous, sequence: state.nextSequence)
    }

    // MARK: Listings

    /// Begins to hold changes back for a listing.
    func startListing() { applier.withLock { $0.phase = .listing(pending: []) } }

    /// The objects of listed items, as far as they can be shown.
    func objects(_ items: some Collection<Item>) -> [CachedObject] {
        items.compactMap { item in
            let object = form.object(item)
            if object == nil { common.refuse(item.key, item.revision) }
            return object
        }
    }

    /// Takes the state that a listing at `revision` showed, and what has changed since then.
    /// - Returns: false when too much has changed since `startListing`; list again.
    func install(_ objects: [CachedObject], at revision: Revision) -> Bool {
        applier.withLock { state in
            guard case .listing(let pending?) = state.phase else { return false }
            state.tree = Tree(sorted: objects)
            state.floor = revision
            state.phase = .following
            publish(state.tree, listedAt: revision)
            follow(pending, &state)
            return true
        }
    }

    /// Makes a listing that is under way start again, because events have been missed.
    /// - Returns: whether one is under way.
    func interruptListing() -> Bool {
        applier.withLock { state in
            guard case .listing = state.phase else { return false }
            state.phase = .listing(pending: nil)
            return true
        }
    }

    /// Whether it shows a listed state and what came after it.
    var isFollowing: Bool {
        applier.withLock { state in
            guard case .following = state.phase else { return false }
            return true
        }
    }

    /// The object that the applier has under `key`.
    func presentObject(_ key: Key) -> CachedObject? { applier.withLock { $0.tree.object(key) } }

    /// What the last listing showed.
    var floor: Revision { applier.withLock { $0.floor } }

    /// The events that lead from the present state to `items`, as far as they can be known:
    /// several changes of one object become one, and deletions are dated `revision`.
    /// - Returns: `nil` when the present state is not an earlier one of the same store.
    func missedEvents(_ items: [Item], at revision: Revision) -> [Event]? {
        let tree = applier.withLock { $0.tree }
        let applied = common.progress.applied
        var events: [Event] = []
        var listed = Set<Key>(minimumCapacity: items.count)
        for item in items {
            listed.insert(item.key)
            let known = tree.object(item.key)
            if known?.revision == item.revision { continue }
            if item.revision <= applied {
                // Not shown and not new: refused before, or else not this store's past.
                if known == nil, form.object(item) == nil { continue }
                return nil
            }
            events.append(
                Event(
                    revision: item.revision, key: item.key, change: .put(item.value),
                    previous: known?.revision))
        }
        tree.walkLeaves(from: Tree.Start(keyRange, after: nil), to: keyRange.upper) { leaf, part in
            for object in leaf.objects[part] where !listed.contains(object.key) {
                events.append(
                    Event(
                        revision: revision, key: object.key, change: .delete,
                        previous: object.revision))
            }
            return true
        }
        return events.sorted { $0.revision < $1.revision }
    }
}

// Objects follow their owners (Kubernetes: "Owners and Dependents", "Garbage Collection").

import APIModel
import Access
import EventLoops
import JSON
import Logging
import Resources
import Storage
import WatchCache

/// Deletes what has lost its last owner, and lets owners go that wait for their dependents. Several
/// gateways may do this at once: each step says which state of the object it is meant for.
struct GarbageCollection: Sendable {
    let environment: WriteEnvironment
    let log: Logger

    /// Looks at everything that `work` names.
    /// - Returns: what could not be done and has to be tried again.
    func carryOut(
        _ work: OwnerGraph.Work, _ graph: OwnerGraph, _ directory: OwnerDirectory
    ) async -> OwnerGraph.Work {
        var rest = OwnerGraph.Work()
        rest.dependents = await forEach(work.dependents) { key throws(APIStatus) in
            try await settle(key, graph, directory)
        }
        rest.owners = await forEach(work.owners) { key throws(APIStatus) in
            try await release(key, graph, directory)
        }
        return rest
    }

    /// Some at once, so that the store takes them in one step.
    /// - Returns: those that failed.
    private func forEach(
        _ keys: Set<Key>, _ body: @escaping @Sendable (Key) async throws(APIStatus) -> Void
    ) async -> Set<Key> {
        await withTaskGroup(of: Key?.self) { group in
            var failed: Set<Key> = []
            for (index, key) in keys.enumerated() {
                if index >= Limits.collectionTaskCountMax, let done = await group.next() {
                    if let done { failed.insert(done) }
                }
                group.addTask { await attempt(key, body) ? nil : key }
            }
            for await case let key? in group { failed.insert(key) }
            return failed
        }
    }

    /// - Returns: whether it is done.
    private func attempt(
        _ key: Key, _ body: @Sendable (Key) async throws(APIStatus) -> Void
    ) async -> Bool {
        do {
            try await body(key)
            return true
        } catch {
            guard error.reason != .notFound else { return true }
            // When somebody else was faster, that change makes us look again at once.
            // A store out of reach is told of by others.
            let isExpected =
                error.reason == .conflict || error.code == 503 || error.code == 504
            log.log(
                level: isExpected ? .debug : .warning,
                "\(key) could not follow its owners, and is tried again: \(error)")
            return false
        }
    }

    // MARK: Dependents

    private func settle(
        _ key: Key, _ graph: OwnerGraph, _ directory: OwnerDirectory
    ) async throws(APIStatus) {
        guard let found = try directory.object(key) else { return }
        let meta = found.meta
        guard !meta.isBeingDeleted else { return }
        var states: [String: DependentVerdict.OwnerState] = [:]
        for owner in meta.ownerReferences {
            states[owner.uid] = directory.state(of: owner, in: found.namespace)
        }
        let dependents = graph.dependents(of: meta.uid)
        let verdict = DependentVerdict(
            states, finalizers: meta.finalizers, hasDependents: !dependents.isEmpty)
        switch verdict {
        case .stays: return
        case .forgets(let uids): try await update(found) { $0.dropOwners(uids) }
        case .goes(let propagation):
            if propagation == .foreground, try isCircle(dependents, directory) {
                // Nobody would ever go: each waits for the other.
                try await update(found) { $0.unblockOwners() }
                try await remove(found, propagation, .init(uid: meta.uid))
                return
            }
            // An object that has another owner by now is looked at anew.
            try await remove(
                found, propagation,
                .init(uid: meta.uid, resourceVersion: meta.resourceVersion))
        }
    }

    /// Whether one of the objects that depend on an object waits for it in turn.
    private func isCircle(
        _ dependents: Set<Key>, _ directory: OwnerDirectory
    ) throws(APIStatus) -> Bool {
        for key in dependents {
            if try directory.object(key)?.meta.isHeld(by: .foreground) == true { return true }
        }
        return false
    }

    private func remove(
        _ found: OwnerDirectory.Found, _ propagation: DeleteOptions.Propagation,
        _ preconditions: DeleteOptions.Preconditions
    ) async throws(APIStatus) {
        var options = DeleteOptions()
        options.propagation = propagation
        options.preconditions = preconditions
        _ = try await Removal(environment: environment).run(
            environment.request(found.target()), options)
        log.debug("deleted \(found.current.key): its owners are gone")
    }

    // MARK: Owners

    /// Takes the finalizer off that holds a deleted object, when its dependents have been dealt
    /// with.
    private func release(
        _ key: Key, _ graph: OwnerGraph, _ directory: OwnerDirectory
    ) async throws(APIStatus) {
        guard let found = try directory.object(key) else { return }
        let meta = found.meta
        let dependents = graph.dependents(of: meta.uid)
        if meta.isHeld(by: .orphan) {
            for key in dependents {
                guard let dependent = try directory.object(key) else { continue }
                try await update(dependent) { $0.dropOwners([meta.uid]) }
            }
            try await update(found) { $0.dropFinalizer(.orphan) }
        } else if meta.isHeld(by: .foreground) {
            for key in dependents {
                guard let dependent = try directory.object(key) else { continue }
                guard !dependent.meta.blocks(meta.uid) else { return }
            }
            try await update(found) { $0.dropFinalizer(.foreground) }
        }
    }

    /// Changes the object that was found, and no other that has taken its name.
    private func update(
        _ found: OwnerDirectory.Found, _ change: @escaping @Sendable (inout JSONValue) -> Void
    ) async throws(APIStatus) {
        let uid = found.meta.uid
        do {
            _ = try await ObjectUpdate(
                environment: environment, request: environment.request(found.target()),
                change: { current throws(APIStatus) in
                    var object = current.value
                    guard ObjectMeta(of: object).uid == uid else {
                        throw .notFound(found.endpoint.qualifiedResource, found.name)
                    }
                    change(&object)
                    return (object, [])
                }
            ).run()
        } catch {
            guard error.reason == .notFound else { throw error }
        }
    }
}

extension ObjectMeta {
    /// Whether the owner must wait until this object has gone.
    fileprivate func blocks(_ owner: String) -> Bool {
        ownerReferences.contains { $0.uid == owner && $0.blocksOwnerDeletion }
    }
}

extension JSONValue {
    fileprivate mutating func dropOwners(_ uids: Set<String>) {
        let owners = self[path: "metadata", "ownerReferences"]?.array ?? []
        let rest = owners.filter { !uids.contains($0["uid"]?.string ?? "") }
        setMetadata("ownerReferences", rest.isEmpty ? nil : .array(rest))
    }

    fileprivate mutating func unblockOwners() {
        let owners = self[path: "metadata", "ownerReferences"]?.array ?? []
        let open = owners.map { owner in
            var owner = owner
            owner["blockOwnerDeletion"] = false
            return owner
        }
        setMetadata("ownerReferences", .array(open))
    }

    fileprivate mutating func dropFinalizer(_ finalizer: DependentFinalizer) {
        let rest = ObjectMeta(of: self).finalizers.filter { $0 != finalizer.rawValue }
        setMetadata("finalizers", rest.isEmpty ? nil : .array(rest.map { .string($0) }))
    }
}

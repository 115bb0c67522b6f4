// Cursors: positions that the gateway keeps for clients, by name, in the store.

import APIModel
import Buffers
import JSON
import Schema
import Storage
import WatchCache

/// What a poll says with its cursor.
struct CursorUse: Sendable {
    let name: CursorName
    let collection: FollowedCollection
    /// What is polled.
    let followed: ResourceCache
    let acknowledgement: Acknowledgement
}

/// A cursor, and where a poll in its name goes on.
struct HeldCursor: Sendable {
    let name: CursorName
    let uid: String
    /// What is stored.
    let acknowledged: Revision
    /// Zero is with the present state.
    let position: Revision
}

struct Cursors: Sendable {
    let environment: WriteEnvironment
    let endpoint: ResourceEndpoint
    /// How long a cursor is kept that nobody uses.
    let lifetime: Duration
    let quiet = QuietStretches()

    /// - Parameter watchHistory: how long positions are good for.
    init(
        _ environment: WriteEnvironment, _ endpoint: ResourceEndpoint, watchHistory: Duration
    ) {
        self.environment = environment
        self.endpoint = endpoint
        lifetime = max(watchHistory, Limits.cursorLifetimeMin)
    }

    /// Stores what a poll acknowledges, unless that says nothing new; makes the cursor when there
    /// is none. A poll that acknowledges asks the cache first; one that does not asks the store,
    /// where another gateway may have gone further.
    /// - Throws: 409 for a cursor of another collection and for going backwards, 403 when the user
    ///   has too many, and what the store refuses.
    func take(_ use: CursorUse) async throws(APIStatus) -> HeldCursor {
        let key = key(use.name.objectName)
        var isCurrent = use.acknowledgement == .none
        var seen = try isCurrent ? await stored(key) : environment.current(key, endpoint)
        for _ in 0..<Limits.retryCountMax {
            let step: Step
            do throws(APIStatus) {
                step = try next(use, seen)
            } catch {
                // The cache may be behind another gateway.
                if isCurrent { throw error }
                isCurrent = true
                seen = try await stored(key)
                continue
            }
            guard let comparison = step.comparison else { return held(step.cursor, use) }
            let bytes = StoredForm(endpoint: endpoint).encode(step.cursor.object)
            let result = try await environment.commit(
                Transaction(comparisons: [comparison], operations: [.put(key, bytes)]))
            if case .committed = result { return held(step.cursor, use) }
            isCurrent = true
            seen = try await environment.current(result, endpoint)
        }
        throw .tooManyConflicts(endpoint.qualifiedResource)
    }

    /// The cursor as it is to be, and what must hold for it to be written; `nil` when there is
    /// nothing to write.
    private struct Step {
        let cursor: WatchCursor
        let comparison: Comparison?
    }

    private func next(_ use: CursorUse, _ seen: CurrentObject?) throws(APIStatus) -> Step {
        let reference = CursorReference(name: use.name, resource: endpoint.qualifiedResource)
        let now = environment.now()
        guard let seen else {
            guard hasRoom(for: use.name.user) else { throw .tooManyCursors(reference) }
            return Step(
                cursor: WatchCursor(
                    use.name, for: use.collection, acknowledged: use.acknowledgement.revision,
                    now: now),
                comparison: .absent(key(use.name.objectName)))
        }
        var cursor = WatchCursor(seen)
        guard cursor.collection == use.collection else {
            throw .cursorFollows(cursor.collection, not: use.collection, reference)
        }
        let rules = CursorRules(
            now: now, lifetime: lifetime,
            window: (use.followed.oldestRevision, environment.cache.appliedRevision),
            quietEnd: quiet.end(of: cursor.uid, after: cursor.acknowledged))
        switch rules.decide(cursor, use.acknowledgement) {
        case .keep: return Step(cursor: cursor, comparison: nil)
        case .write(let revision):
            cursor.acknowledge(revision, now: now)
            return Step(
                cursor: cursor, comparison: .unchanged(seen.key, since: seen.revision))
        case .backwards:
            throw .cursorIsAhead(
                cursor.acknowledged, of: use.acknowledgement.revision, reference)
        }
    }

    private func held(_ cursor: WatchCursor, _ use: CursorUse) -> HeldCursor {
        var position = use.acknowledgement.revision
        if use.acknowledgement == .none {
            position = cursor.acknowledged
            if let end = quiet.end(of: cursor.uid, after: position) { position = end }
        }
        return HeldCursor(
            name: use.name, uid: cursor.uid, acknowledged: cursor.acknowledged,
            position: position)
    }

    private func key(_ name: String) -> Key {
        Key(endpoint.key(namespace: nil, name: Bytes(name)))
    }

    private func stored(_ key: Key) async throws(APIStatus) -> CurrentObject? {
        do {
            guard let item = try await environment.store.get(key) else { return nil }
            return try StoredForm(endpoint: endpoint).decode(item)
        } catch let error as StorageError {
            throw APIStatus(storage: error)
        } catch let error as APIStatus {
            throw error
        } catch {
            preconditionFailure("\(error)")
        }
    }

    /// Two that are made at the same moment may both be the last one.
    private func hasRoom(for user: String) -> Bool {
        guard let field = endpoint.definition.selectableFields.firstIndex(of: "spec.user") else {
            preconditionFailure("cursors cannot be selected by their user")
        }
        let filter = endpoint.cache.filter(
            Selection(fields: [FieldRequirement(.field(field), user)]))
        var count = 0
        endpoint.cache.snapshot().forEach(matching: filter) { _ in
            count += 1
            return count < Limits.cursorCountMax
        }
        return count < Limits.cursorCountMax
    }
}

// MARK: Expiry

extension Cursors {
    /// Those that nobody has used for their lifetime, and the uids of the others.
    func unused() -> (expired: [CurrentObject], kept: Set<String>) {
        let now = environment.now()
        var expired: [CurrentObject] = []
        var kept: Set<String> = []
        endpoint.cache.snapshot().forEach(in: endpoint.cache.keyRange) { object in
            guard let current = try? StoredForm(endpoint: endpoint).decode(object) else {
                return true
            }
            let cursor = WatchCursor(current)
            if .seconds(now.seconds - cursor.lastUsed.seconds) > lifetime {
                expired.append(current)
            } else {
                kept.insert(cursor.uid)
            }
            return true
        }
        return (expired, kept)
    }

    /// Removes a cursor, unless it has been used since it was read.
    func remove(_ cursor: CurrentObject) async throws(APIStatus) {
        _ = try await environment.commit(
            Transaction(
                comparisons: [.unchanged(cursor.key, since: cursor.revision)],
                operations: [.delete(cursor.key)]))
    }
}

// What a store has of a custom resource, in another version.

import APIModel
import Buffers
import Outbound
import Storage

/// A store's items and events of one resource, translated in their order. For reading only: what
/// is written is translated before.
struct TranslatedStore: Store {
    let store: any Store
    let translator: ObjectTranslator
    let health: TranslationHealth

    var identity: StoreIdentity {
        get async throws(StorageError) { try await store.identity }
    }

    var isExclusive: Bool { store.isExclusive }

    func currentRevision() async throws(StorageError) -> Revision {
        do {
            return try await store.currentRevision()
        } catch {
            health.note(APIStatus(storage: error))
            throw error
        }
    }

    func list(
        _ range: KeyRange, after: Key?, limit: Int, at revision: Revision?
    ) async throws(StorageError) -> Page {
        let page: Page
        do {
            page = try await store.list(range, after: after, limit: limit, at: revision)
        } catch {
            health.note(APIStatus(storage: error))
            throw error
        }
        return Page(
            items: try await translated(items: page.items), revision: page.revision,
            hasMore: page.hasMore)
    }

    func get(_ key: Key) async throws(StorageError) -> Item? {
        guard let item = try await store.get(key) else { return nil }
        return try await translated(items: [item]).first
    }

    func watch(after revision: Revision, _ range: KeyRange) -> EventStream {
        let name = ResourceEndpoint.storageName(of: translator.resource)
        let own = store.watch(after: revision, .prefix(Key(name + "/")))
        return EventStream(TranslatedEvents(source: own, store: self))
    }

    func commit(_ transaction: Transaction) async throws(StorageError) -> CommitResult {
        preconditionFailure("a translated store is for reading")
    }

    func compact(before revision: Revision) async throws(StorageError) {
        preconditionFailure("a translated store is for reading")
    }

    func translated(items: [Item]) async throws(StorageError) -> [Item] {
        zip(items, try await translated(items.map(\.value))).map { item, value in
            Item(key: item.key, value: value, revision: item.revision)
        }
    }

    func translated(_ events: [Event]) async throws(StorageError) -> [Event] {
        var events = events
        let places = events.indices.filter { events[$0].value != nil }
        let values = try await translated(places.compactMap { events[$0].value })
        for (place, value) in zip(places, values) {
            let event = events[place]
            events[place] = Event(
                revision: event.revision, key: event.key, change: .put(value),
                previous: event.previous)
        }
        return events
    }

    /// - Throws: `unavailable` when the webhook fails.
    private func translated(_ values: [Bytes]) async throws(StorageError) -> [Bytes] {
        do throws(WebhookFailure) {
            guard !values.isEmpty else { return [] }
            let translated = try await translator.stored(values)
            health.noteSuccess()
            return translated
        } catch {
            health.note(.internalError(error.description))
            throw .unavailable(reason: error.description)
        }
    }
}

/// A store's events, translated.
private struct TranslatedEvents: EventSource {
    let source: EventStream
    let store: TranslatedStore

    func next() async throws(StorageError) -> EventBatch? {
        let batch: EventBatch
        do {
            guard let next = try await source.next() else { return nil }
            batch = next
        } catch {
            store.health.note(APIStatus(storage: error))
            throw error
        }
        do {
            let events = try await store.translated(batch.events)
            return EventBatch(events: events, through: batch.through)
        } catch {
            // What is there now is listed then: it may be that only what was in between fails.
            guard store.health.failureCount > Limits.translationRetryCount else { throw error }
            throw .compacted(requested: batch.through, oldest: batch.through)
        }
    }
}

extension Event {
    /// What was put.
    fileprivate var value: Bytes? {
        if case .put(let value) = change { value } else { nil }
    }
}

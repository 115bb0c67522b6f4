import Buffers
import Storage

/// Past events of a custom resource, in another version than they are kept in. Each is translated
/// when it is read: watchers that come from so far back are few.
struct TranslatedHistory: EventHistory {
    let history: any EventHistory
    let store: TranslatedStore

    /// `nil` for a store that keeps no past.
    init?(of store: TranslatedStore) {
        guard let history = store.store as? any EventHistory else { return nil }
        self.history = history
        self.store = store
    }

    var oldestPosition: Revision { history.oldestPosition }

    var logFigures: LogFigures? { nil }

    func isResumable(_ position: Revision) -> Bool { history.isResumable(position) }

    func events(_ request: HistoryRequest) async throws(StorageError) -> HistoryPage {
        let page = try await history.events(request)
        let present = try await store.translated(page.events.map(\.event))
        let previous = page.events.compactMap(\.previous)
        var translated = try await store.translated(items: previous)[...]
        let events = zip(page.events, present).map { past, event in
            PastEvent(event, previous: past.previous == nil ? nil : translated.popFirst())
        }
        return HistoryPage(events: events, through: page.through)
    }
}

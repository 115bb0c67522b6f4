import Storage

extension ObjectForm {
    /// The event that applying `past` made when it was new; `nil` when it changed nothing that can
    /// be shown. What was replaced stays out when the history left it out.
    /// - Parameters:
    ///   - known: objects that are at hand, by key and revision.
    ///   - sequence: the event's number, which no other event of the resource has.
    func logEvent(
        _ past: PastEvent, known: (Key, Revision) -> CachedObject? = { _, _ in nil },
        sequence: () -> UInt64
    ) -> LogEvent? {
        let event = past.event
        let previous = past.previous.flatMap { known($0.key, $0.revision) ?? self.object($0) }
        if case .put(let value) = event.change,
            let object = known(event.key, event.revision)
                ?? self.object(Item(key: event.key, value: value, revision: event.revision))
        {
            // An item that was replaced and could not be shown is as good as none.
            let isAdded = past.previous == nil ? event.previous == nil : previous == nil
            return LogEvent(
                kind: isAdded ? .added : .modified, object: object, previous: previous,
                sequence: sequence())
        }
        guard let previous else { return nil }
        return LogEvent(
            kind: .deleted, object: previous.respliced(at: event.revision), previous: previous,
            sequence: sequence())
    }
}

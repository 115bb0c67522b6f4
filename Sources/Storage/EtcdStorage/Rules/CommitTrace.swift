// How a commit ended whose answer was lost. Performs no I/O.

import Buffers
import Storage

/// Looks for the traces of a transaction in the events since it was sent.
struct CommitTrace {
    private let expected: [Operation]
    private var current: (revision: Revision, events: [Event])?
    /// The revision at which the transaction was committed, when it has been seen.
    private(set) var committed: Revision?

    init(_ transaction: Transaction) { expected = transaction.operations }

    /// Takes the next events, in order.
    mutating func add(_ events: [Event]) {
        for event in events {
            if current?.revision != event.revision { finish() }
            if current == nil { current = (event.revision, []) }
            current!.events.append(event)
        }
    }

    /// Looks at the last transaction: nothing follows.
    mutating func finish() {
        defer { current = nil }
        guard committed == nil, let current, isOurs(current.events) else { return }
        committed = current.revision
    }

    /// Every event is one of the operations, in their order; what is missing deleted nothing.
    private func isOurs(_ events: [Event]) -> Bool {
        var rest = events[...]
        for operation in expected {
            if let event = rest.first, event.key == operation.key {
                guard Self.matches(event, operation) else { return false }
                rest.removeFirst()
            } else if case .put = operation {
                return false
            }
        }
        return rest.isEmpty
    }

    private static func matches(_ event: Event, _ operation: Operation) -> Bool {
        switch (event.change, operation) {
        case (.put(let found), .put(_, let sent)): found == sent
        case (.delete, .delete): true
        default: false
        }
    }
}

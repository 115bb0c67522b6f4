// What is counted of one resource.

import Observability

/// Where the state that a read showed came from, or why it was not to be had.
public enum ReadOrigin: Int, CaseIterable, Sendable {
    /// The present state.
    case present
    /// A state kept for clients that read in pages.
    case kept
    /// The present state with the newest events undone.
    case rebuilt
    /// The revision is too old: 410.
    case expired
    /// The revision was not reached in time: 504.
    case future
}

/// Who goes on from a position in the log.
public enum LogReader: Int, CaseIterable, Sendable {
    case watch, poll
}

/// What became of a start at a position.
public enum StartOutcome: Int, CaseIterable, Sendable {
    /// No position was named: the present state comes first.
    case initial
    case memory
    case disk
    /// The position is older than the window: 410.
    case expired
    /// The position was not reached in time: 504.
    case future
}

/// The figures of one resource. May be counted on any thread.
public final class ResourceFigures: Sendable {
    let eventsApplied: Counter
    let eventsSent: Counter
    let bookmarksSent: Counter
    let deliveryLag: Histogram
    let pastEvents: Counter
    let pastReads: Counter
    let corrections: Counter
    /// How long reads waited for a revision that had not been applied.
    public let readWait: Histogram
    private let reads: [Counter]
    private let starts: [[Counter]]
    private let watchers: [Gauge]
    private let checks: [Counter]

    init(_ families: CacheFigures, _ labels: ResourceLabels) {
        let (group, resource) = (labels.group, labels.resource)
        eventsApplied = families.eventsApplied.child(group, resource)
        eventsSent = families.eventsSent.child(group, resource)
        bookmarksSent = families.bookmarksSent.child(group, resource)
        deliveryLag = families.deliveryLag.child(group, resource)
        pastEvents = families.pastEvents.child(group, resource)
        pastReads = families.pastReads.child(group, resource)
        corrections = families.corrections.child(group, resource)
        readWait = families.readWait.child(group, resource)
        reads = ReadOrigin.allCases.map { families.reads.child(group, resource, "\($0)") }
        starts = LogReader.allCases.map { reader in
            StartOutcome.allCases.map {
                families.starts.child(group, resource, "\(reader)", "\($0)")
            }
        }
        watchers = Watcher.State.labels.map { families.watchers.child(group, resource, $0) }
        checks = CheckOutcome.allCases.map { families.checks.child(group, resource, "\($0)") }
    }

    /// Counts a read by where its state came from.
    public func count(_ origin: ReadOrigin) { reads[origin.rawValue].increment() }

    /// Counts a watch or a poll by how it began.
    public func count(_ reader: LogReader, _ outcome: StartOutcome) {
        starts[reader.rawValue][outcome.rawValue].increment()
    }

    func count(_ outcome: CheckOutcome) { checks[outcome.rawValue].increment() }

    /// Moves one watcher from one state to another: `nil` is before it began.
    func watcherMoved(from old: Watcher.State?, to new: Watcher.State) {
        if let index = old?.labelIndex { watchers[index].decrement() }
        if let index = new.labelIndex { watchers[index].increment() }
    }
}

extension Watcher.State {
    /// The values of the label `state`.
    static let labels = ["live", "parked", "behind", "reading", "reading_disk"]

    /// The place of this state's label; `nil` for watchers that are no more.
    fileprivate var labelIndex: Int? {
        switch self {
        case .live: 0
        case .parked: 1
        case .behind: 2
        case .reading: 3
        case .readingPast: 4
        case .ended: nil
        }
    }
}

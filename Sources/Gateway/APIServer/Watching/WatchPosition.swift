import APIModel
import Storage
import WatchCache

/// Where a watch begins (Kubernetes API concepts, "efficient detection of changes").
enum WatchPosition: Equatable {
    /// With the present state, as ADDED events.
    case presentState
    /// With the present state as of this revision or a later one, and a mark where it ends.
    case streamingList(notOlderThan: Revision)
    /// After this revision.
    case after(Revision)

    init(_ options: ListOptions) {
        let revision = Revision(options.resourceVersion ?? 0)
        if options.sendInitialEvents == true {
            self = .streamingList(notOlderThan: revision)
        } else if revision == .zero {
            self = .presentState
        } else {
            self = .after(revision)
        }
    }
}

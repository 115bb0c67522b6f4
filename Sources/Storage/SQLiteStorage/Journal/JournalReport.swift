import Storage

/// Something about the journal that an operator may want to know.
public enum JournalReport: Hashable, Sendable {
    /// The file was not believed and has a new name now.
    case setAside(path: String, reason: String)
    /// The journal begins anew with what the store lists at this revision.
    case rebuilt(at: Revision, itemCount: Int)
    /// The store could not be asked at the start: what the journal holds is served until it can.
    case unchecked(StorageError)
    /// The store cannot be followed; it is tried again after a wait.
    case broken(StorageError, wait: Duration)
    /// The store no longer had the events after this revision: so many were found by comparing its
    /// items with the journal's.
    case derived(after: Revision, at: Revision, eventCount: Int)
    /// The journal is not written to, and is tried again after a wait. Clients do not notice.
    case notWritten(StorageError, wait: Duration)
    /// The journal is written to again, and has everything up to this revision.
    case writtenAgain(through: Revision)
    /// More was delivered than is kept in memory while the journal could not be written to. It ends
    /// at this revision until it is rebuilt.
    case lost(after: Revision)
}

/// How the journal is doing.
public struct JournalFigures: Hashable, Sendable {
    /// What its files take on the disk.
    public var byteCount = 0
    /// Everything up to here is in the journal.
    public var writtenRevision = Revision.zero
    /// Everything up to here has been delivered to watchers.
    public var deliveredRevision = Revision.zero
    /// How many revisions the journal is behind.
    public var lagRevisionCount: UInt64 = 0
    /// For how long what is not written yet has waited, about.
    public var lag = Duration.zero
    /// How many journals have been set aside since the start.
    public var setAsideCount = 0
    /// How often the journal has been made from a listing since the start, the first time included.
    public var rebuiltCount = 0
    /// How many events have been derived from listings since the start.
    public var derivedEventCount = 0
}

// What a log on disk measures, for those who look after it.

/// The size and the progress of a log on disk, as far as they are known without reading it.
public struct LogFigures: Hashable, Sendable {
    /// Bytes of the events that are kept, keys and values, to within one mark of the window.
    public var byteCount: Int
    /// Bytes of the files on disk, present items and all. `nil` when they cannot be looked at.
    public var fileByteCount: Int?
    /// How old the oldest event is that is kept, to within one mark of the window.
    public var age: Duration
    /// The newest revision that is on disk.
    public var lastWritten: Revision
    /// For how long the oldest change has been waiting that is applied and not yet on disk; zero
    /// when there is none, and always for a store that is its own log.
    public var writeLag: Duration
    /// How many changes wait to be written.
    public var waitingCount: Int

    public init(
        byteCount: Int, fileByteCount: Int? = nil, age: Duration, lastWritten: Revision,
        writeLag: Duration = .zero, waitingCount: Int = 0
    ) {
        self.byteCount = byteCount
        self.fileByteCount = fileByteCount
        self.age = age
        self.lastWritten = lastWritten
        self.writeLag = writeLag
        self.waitingCount = waitingCount
    }
}

extension EventHistory {
    /// A history that is not on a disk has none.
    public var logFigures: LogFigures? { nil }

    /// A history whose events all came from its store has every state.
    public func isResumable(_ position: Revision) -> Bool { true }
}

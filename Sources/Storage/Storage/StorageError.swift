/// Why the store could not do what it was asked.
public enum StorageError: Error, Hashable, Sendable {
    /// The position is older than what the store keeps. `oldest` is the oldest revision that a
    /// watch may still start after.
    case compacted(requested: Revision, oldest: Revision)
    /// The position is newer than the store.
    case future(requested: Revision, current: Revision)
    /// The outcome of a commit is not known: it may have been made, and must not be repeated
    /// blindly.
    case uncertain(Key, reason: String)
    /// Nothing was changed: the store cannot be written to now (a full disk, a read-only file).
    case notWritable(Key, reason: String)
    /// The store cannot be reached or read.
    case unavailable(reason: String)
    /// The store's content contradicts itself.
    case corrupted(reason: String)
    /// The value, or the key itself, is larger than the store takes. Nothing was changed.
    case tooLarge(Key, byteCount: Int, byteCountMax: Int)
    /// The store, or this stream, has been closed.
    case closed
}

extension StorageError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .compacted(let requested, let oldest):
            "revision \(requested) has been compacted; the oldest kept is \(oldest)"
        case .future(let requested, let current):
            "revision \(requested) is in the future; the newest is \(current)"
        case .uncertain(let key, let reason):
            "the outcome of the commit of \(key) is not known: \(reason)"
        case .notWritable(let key, let reason): "\(key) was not written: \(reason)"
        case .unavailable(let reason): "the store is unavailable: \(reason)"
        case .corrupted(let reason): "the store is corrupted: \(reason)"
        case .tooLarge(let key, let byteCount, let byteCountMax):
            "\(key) has \(byteCount) bytes, more than the \(byteCountMax) that the store takes"
        case .closed: "the store is closed"
        }
    }
}

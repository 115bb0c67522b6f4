// Why items were not copied.

import Storage

/// What stands in the way of a migration. The source is only read.
public enum MigrationFailure: Error, Hashable, Sendable {
    /// There are keys under the prefix already, which somebody else has put there.
    case notEmpty(prefix: String)
    /// An earlier copy under the prefix has not ended: it goes on, or was broken off.
    case begun(prefix: String)
    /// So many items are larger than etcd takes, and this is the first of them.
    case tooLarge(count: Int, first: Key, byteCount: Int)
    /// What was read back is not what was copied.
    case differs(Key, prefix: String)
}

extension MigrationFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notEmpty(let prefix):
            """
            etcd has keys under \(prefix)/ already: choose another --etcd-prefix, or remove them \
            if nobody needs them (etcdctl del --prefix \(prefix)/)
            """
        case .begun(let prefix):
            """
            an earlier copy into \(prefix)/ goes on, or was broken off: when none is running, add \
            --restart, which removes what it has left
            """
        case .tooLarge(let count, let first, let byteCount):
            """
            etcd takes \(Limits.valueByteCountMax) bytes an object at most, and \(count) are \
            larger, such as \(first) with \(byteCount): make them smaller or delete them first
            """
        case .differs(let key, let prefix):
            """
            \(key) under \(prefix)/ is not what was copied: somebody else writes there. End that, \
            and begin again with --restart
            """
        }
    }
}

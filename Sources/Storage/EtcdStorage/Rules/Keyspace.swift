// Where the items of a store stand in etcd.

import Buffers
import Storage

/// The part of etcd's keys that one store owns. Items stand under `PREFIX/items/`, what gateways
/// tell each other under `PREFIX/meta/`.
struct Keyspace: Hashable, Sendable {
    let prefix: Bytes
    private let items: Bytes

    /// - Parameter prefix: such as `/binnacle`; a slash at its end does not count.
    init(prefix: String) {
        var prefix = prefix
        while prefix.hasSuffix("/") { prefix.removeLast() }
        self.prefix = Bytes(prefix)
        items = Bytes(prefix + "/items/")
    }

    /// Everything that the store owns.
    var whole: RawRange {
        RawRange(lower: Self.join(prefix, "/"), upper: Self.join(prefix, "0"))
    }

    /// What a watch is told of: the items, and the mark that moves it on. What every transaction
    /// changes besides stands behind it.
    var followed: RawRange {
        RawRange(lower: items, upper: Self.join(progressMark, "\0"))
    }

    /// Where a gateway leaves a mark to move the watches on.
    var progressMark: Bytes { Self.join(prefix, "/meta/progress") }
    /// Who compacted last, and how far the next one may.
    var compactionMark: Bytes { Self.join(prefix, "/meta/compaction") }
    /// Whether items are being copied into the store.
    var migrationMark: Bytes { Self.join(prefix, "/meta/migration") }

    /// How far each gateway's journal is.
    var journalMarks: RawRange {
        RawRange(
            lower: Self.join(prefix, "/meta/journals/"), upper: Self.join(prefix, "/meta/journals0")
        )
    }

    /// What the transactions of a gateway compare.
    func session(of gateway: String) -> Bytes {
        Self.join(Self.join(prefix, "/meta/sessions/"), Bytes(gateway))
    }

    /// What the transactions of a gateway leave.
    /// - Parameter slot: a number of the gateway's own.
    func receipt(_ slot: Int, of gateway: String) -> Bytes {
        Self.join(prefix, Bytes("/meta/receipts/\(gateway)/\(slot)"))
    }

    func journalMark(of gateway: String) -> Bytes {
        Self.join(journalMarks.lower, Bytes(gateway))
    }

    func raw(_ key: Key) -> Bytes { Self.join(items, key.bytes) }

    /// - Parameter after: the range begins behind this key, if it does not begin later.
    func raw(_ range: KeyRange, after: Key? = nil) -> RawRange {
        let lower = after.map { max($0.successor, range.lower) } ?? range.lower
        let upper = range.upper.map(raw) ?? Self.join(prefix, "/items0")
        return RawRange(lower: raw(lower), upper: upper)
    }

    /// The key of an item; `nil` for what is none.
    func key(_ raw: Bytes) -> Key? {
        guard raw.starts(with: items), raw.count > items.count else { return nil }
        return Key(raw.dropFirst(items.count))
    }

    func item(_ found: KeyValue) -> Item? {
        key(found.key).map { Item(key: $0, value: found.value, revision: found.modified) }
    }

    private static func join(_ first: Bytes, _ second: Bytes) -> Bytes {
        var buffer = ByteBuffer(reserving: first.count + second.count)
        buffer.append(first)
        buffer.append(second)
        return buffer.freeze()
    }
}

// Reading the log at start: the index that was saved, and the rows after it without their values.

import Buffers
import SQLite
import Storage

/// What is learned from a scan of the file, and the checks made on the way.
struct LoadedLog {
    private(set) var index: KeyMap<Latest>
    let identity: StoreIdentity
    let compacted: Revision
    let swept: Position
    let marks: [Mark]
    /// The bytes of the rows after the last mark.
    private(set) var byteCountAfterMarks = 0
    /// Where the saved index was found; `nil` when all of the log was read.
    let savedSlot: SavedIndex.Slot?
    /// How many rows were read.
    private(set) var scannedRowCount = 0
    /// The newest row seen, or where the sweep or the saved index has come to.
    private var last: Position

    /// The newest row may have been a deletion that was swept: then `swept` tells the revision.
    var current: Revision { last.revision }

    /// How many keys have an item.
    var itemCount: Int {
        var count = 0
        index.walk(.all) { _, latest in
            count += latest.isDeletion ? 0 : 1
            return true
        }
        return count
    }

    /// Reads the saved index and scans the rows after it; all rows when none was saved. What is not
    /// scanned is checked when it is read.
    /// - Throws: `corrupted` when rows contradict each other.
    init(scanning connection: Connection) throws(StorageError) {
        do throws(SQLiteFailure) {
            identity = StoreIdentity(
                try connection.text("SELECT value FROM meta WHERE name = 'identity'"))
            compacted = Revision(UInt64(try Self.meta(.compacted, connection)))
            swept = Position(rawValue: try Self.meta(.swept, connection))
            marks = try Self.marks(connection)
            let restored = try RestoredIndex(connection, swept: swept)
            index = restored?.index ?? KeyMap()
            savedSlot = restored?.slot
            last = restored.map { Position.end(of: $0.revision) } ?? swept
        } catch {
            throw error.whileReading
        }
        try scan(connection, after: savedSlot == nil ? nil : last)
        guard last.revision >= compacted, !identity.name.isEmpty else {
            throw .corrupted(
                reason: "\(connection.path): the log ends at \(last.revision), before the "
                    + "compaction at \(compacted)")
        }
    }

    private static func meta(
        _ name: LogWriter.Meta, _ connection: Connection
    ) throws(SQLiteFailure) -> Int64 {
        let value = try connection.integer("SELECT value FROM meta WHERE name = '\(name.rawValue)'")
        guard let value, value >= 0 else {
            throw SQLiteFailure(
                .corrupt, description: "\(connection.path): \(name) is missing")
        }
        return value
    }

    private static func marks(_ connection: Connection) throws(SQLiteFailure) -> [Mark] {
        let rows = try connection.prepare(
            "SELECT revision, time, written FROM marks ORDER BY revision")
        var marks: [Mark] = []
        while try rows.step() {
            marks.append(
                Mark(
                    revision: Revision(UInt64(rows.integer(0))), time: rows.integer(1),
                    writtenByteCount: Int(rows.integer(2))))
        }
        return marks
    }

    private mutating func scan(
        _ connection: Connection, after start: Position?
    ) throws(StorageError) {
        do throws(SQLiteFailure) {
            let rows = try connection.prepare(
                "SELECT position, before, kind, key, length(value) FROM log WHERE position > ? "
                    + "ORDER BY position")
            rows.bind(start?.rawValue ?? Int64.min, at: 1)
            let lastMark = marks.last?.revision ?? .zero
            while try rows.step() {
                let position = Position(rawValue: rows.integer(0))
                let kind = LogRow.Kind(rawValue: rows.integer(2))
                let before = Position(rawValue: rows.integer(1))
                guard let kind, add(Key(rows.bytes(3)), position, kind, before: before) else {
                    throw SQLiteFailure(
                        .corrupt,
                        description: "\(connection.path): the row at revision \(position.revision) "
                            + "contradicts the rows before it")
                }
                scannedRowCount += 1
                if position.revision > lastMark {
                    byteCountAfterMarks += Int(rows.integer(4)) + rows.byteCount(3)
                }
            }
        } catch {
            throw error.whileReading
        }
    }

    /// Adds the next row; returns whether it fits to those before. Up to `swept`, rows may be
    /// missing; after it, none is.
    private mutating func add(
        _ key: Key, _ position: Position, _ kind: LogRow.Kind, before: Position
    ) -> Bool {
        let isWhole = position > swept
        guard !isWhole || position.follows(last) else { return false }
        last = max(last, position)
        let latest = Latest(position, isDeletion: kind == .deleted)
        let swept = swept
        return index.modify(key, initial: latest) { known in
            defer { known = latest }
            guard isWhole else { return true }
            // A new key has just been inserted with this row.
            if known == latest { return kind == .created && before <= swept }
            return known.position == before && known.isDeletion == (kind == .created)
        }
    }
}

// Reading a saved index at the opening.

import Buffers
import SQLite
import Storage

/// The index of the file as of a revision.
struct RestoredIndex {
    let index: KeyMap<Latest>
    let revision: Revision
    let slot: SavedIndex.Slot

    /// The newest index in the file that is whole and that the sweep has not passed; `nil` when
    /// there is none.
    /// - Throws: when the file cannot be read.
    init?(_ connection: Connection, swept: Position) throws(SQLiteFailure) {
        let rows = try connection.prepare("SELECT checksum, data FROM saved WHERE part = ?")
        var found: [(slot: SavedIndex.Slot, header: SavedIndex.Header)] = []
        for slot in SavedIndex.Slot.allCases {
            guard let row = try Self.row(slot.row(0), rows),
                let header = SavedIndex.header(row.data),
                row.checksum == SavedIndex.checksum(row.data, part: 0, header.revision),
                // Of what was swept after it, the index still knows the items and not the end.
                swept <= Position.end(of: header.revision)
            else { continue }
            found.append((slot, header))
        }
        found.sort { $0.header.revision > $1.header.revision }
        for (slot, header) in found {
            guard let index = try Self.index(slot, header, rows, swept) else { continue }
            self.index = index
            self.slot = slot
            revision = header.revision
            return
        }
        return nil
    }

    private static func row(
        _ number: Int64, _ rows: Statement
    ) throws(SQLiteFailure) -> (checksum: Int64, data: Bytes)? {
        rows.bind(number, at: 1)
        defer { rows.reset() }
        guard try rows.step() else { return nil }
        return (rows.integer(0), rows.bytes(1))
    }

    /// `nil` when a part is missing or damaged.
    private static func index(
        _ slot: SavedIndex.Slot, _ header: SavedIndex.Header, _ rows: Statement, _ swept: Position
    ) throws(SQLiteFailure) -> KeyMap<Latest>? {
        var index = KeyMap<Latest>()
        var entryCount = 0
        for part in 0..<header.partCount {
            guard let row = try row(slot.row(part + 1), rows),
                row.checksum == SavedIndex.checksum(row.data, part: part + 1, header.revision)
            else { return nil }
            let isWhole = SavedIndex.read(row.data) { key, latest in
                entryCount += 1
                // A deletion that has been swept since then.
                if latest.isDeletion, latest.position <= swept { return true }
                return index.append(latest, for: key)
            }
            guard isWhole else { return nil }
        }
        return entryCount == header.entryCount ? index : nil
    }
}

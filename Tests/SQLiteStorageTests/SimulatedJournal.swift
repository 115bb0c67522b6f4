// A journal on a simulated disk: the decisions are the real ones, the file is an array.

import Buffers
import SQLite
import SeedTesting
import Storage
import StorageTesting

@testable import SQLiteStorage

/// A disk that holds what has been committed to it, until it loses or damages some of it.
struct SimulatedDisk {
    /// A row as it lies there, with the checksum that was written.
    struct StoredRow {
        var row: LogRow
        var checksum: Int64
    }

    /// A run with the checksum that was written.
    struct StoredRun {
        var run: JournalRun
        var checksum: Int64
    }

    /// One state of the file: what a transaction leaves.
    struct Content {
        var identity: StoreIdentity
        var compacted: Revision
        var swept: Position
        var rows: [StoredRow]
        var runs: [StoredRun]
    }

    /// The states since the last that is certainly on the disk.
    private var states: [Content]

    init(_ content: Content) { states = [content] }

    var content: Content { states[states.count - 1] }

    mutating func commit(_ content: Content) { states.append(content) }

    /// Makes what has been committed certain, as a checkpoint does.
    mutating func sync() { states.removeFirst(states.count - 1) }

    /// Loses the newest commits, as a power cut does.
    mutating func losePower(_ random: inout SeededGenerator) {
        states.removeLast(.random(in: 0..<states.count, using: &random))
    }

    /// Flips a bit of something that lies there.
    mutating func damage(_ random: inout SeededGenerator) {
        var content = content
        let bit = Int64(1) << Int64.random(in: 0..<40, using: &random)
        if content.rows.isEmpty || Int.random(in: 0..<4, using: &random) == 0 {
            let place = Int.random(in: content.runs.indices, using: &random)
            content.runs[place].damage(bit, &random)
        } else if Int.random(in: 0..<8, using: &random) == 0 {
            content.compacted = Revision(content.compacted.rawValue ^ UInt64(bit))
        } else if Int.random(in: 0..<8, using: &random) == 0 {
            content.rows.remove(at: .random(in: content.rows.indices, using: &random))
        } else {
            let place = Int.random(in: content.rows.indices, using: &random)
            content.rows[place].damage(bit, &random)
        }
        states = [content]
    }
}

extension SimulatedDisk.StoredRow {
    init(_ row: LogRow) { self.init(row: row, checksum: row.checksum) }

    fileprivate mutating func damage(_ bit: Int64, _ random: inout SeededGenerator) {
        var (position, before) = (row.position.rawValue, row.before?.rawValue)
        var (kind, key, value) = (row.kind, row.key, row.value)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: position ^= bit
        case 1: before = (before ?? 0) ^ bit
        case 2: kind = kind == .deleted ? .created : .deleted
        case 3: key = Key(Bytes(key.bytes.array.map { $0 ^ 1 }))
        case 4 where !value.isEmpty: value = Bytes(value.array.map { $0 ^ UInt8(bit & 0x7f | 1) })
        default: checksum ^= bit
        }
        row = LogRow(
            position: Position(rawValue: position),
            before: before.map { Position(rawValue: $0) }, kind: kind, key: key, value: value)
    }
}

extension SimulatedDisk.StoredRun {
    fileprivate mutating func damage(_ bit: Int64, _ random: inout SeededGenerator) {
        var (through, rows, items) = (run.through.rawValue, run.rowCount, run.itemSum)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: through ^= UInt64(bit)
        case 1: rows ^= bit
        case 2: items ^= bit
        default: checksum ^= bit
        }
        run = JournalRun(
            after: run.after, through: Revision(through), rows: (rows, run.rowSum),
            items: (run.itemCount, items), isDerived: run.isDerived)
    }
}

/// What a gateway knows of the journal on a disk.
struct SimulatedJournal {
    var disk: SimulatedDisk
    private(set) var index: KeyMap<Latest>
    private(set) var written: Revision
    let sample: Event?
    /// Stretches whose events were derived, as they were found on the disk.
    let derived: [JournalRun]

    var identity: StoreIdentity { disk.content.identity }
    var oldest: Revision { disk.content.compacted }

    /// Makes one of listed items.
    init(_ items: [Item], at revision: Revision, of identity: StoreIdentity) {
        var counts: [Revision: Int] = [:]
        let rows = items.map { item in
            let number = counts[item.revision, default: 0]
            counts[item.revision] = number + 1
            return LogRow(
                position: Position(item.revision, sequence: number), before: nil, kind: .created,
                key: item.key, value: item.value)
        }
        let sorted = rows.sorted { $0.position < $1.position }
        let sum = rows.reduce(Int64(0)) { $0 &+ $1.checksum }
        let run = JournalRun(listedAt: revision, items: (Int64(rows.count), sum))
        disk = SimulatedDisk(
            SimulatedDisk.Content(
                identity: identity, compacted: revision, swept: .end(of: revision),
                rows: sorted.map { SimulatedDisk.StoredRow($0) },
                runs: [.init(run: run, checksum: run.checksum(in: identity))]))
        index = KeyMap()
        for row in sorted { index[row.key] = row.latest }
        written = revision
        sample = sorted.last?.event
        derived = []
    }

    /// Opens what lies on a disk.
    init(opening disk: SimulatedDisk) throws(StorageError) {
        let content = disk.content
        for run in content.runs where run.run.checksum(in: content.identity) != run.checksum {
            throw .corrupted(reason: "a run")
        }
        let runs = content.runs.map(\.run)
        guard JournalCheck.areConsecutive(runs, from: content.compacted) else {
            throw .corrupted(reason: "the runs")
        }
        var check = JournalCheck(runs, compacted: content.compacted, swept: content.swept)
        var checksums: [Position: Int64] = [:]
        for stored in content.rows {
            guard stored.row.checksum == stored.checksum else { throw .corrupted(reason: "a row") }
            checksums[stored.row.position] = stored.checksum
            try check.add(stored.row)
        }
        try check.finish { (position) throws(StorageError) in checksums[position] ?? 0 }
        self.disk = disk
        index = check.index
        written = check.last.through
        sample = check.sample
        derived = check.derived
    }

    /// Appends a group, as the writer does.
    mutating func append(_ entries: [Tail.Entry]) throws(SQLiteFailure) {
        var content = disk.content
        var plan = JournalPlan(extending: content.runs[content.runs.count - 1].run)
        let index = index
        let known = JournalPlan.Known(
            latest: { index[$0] },
            checksum: { (position) throws(SQLiteFailure) in
                content.rows.last { $0.row.position == position }?.checksum ?? 0
            })
        for entry in entries { try plan.add(entry, known) }
        for row in plan.rows {
            content.rows.append(.init(row))
            self.index[row.key] = row.latest
        }
        for run in plan.runs {
            content.runs.removeAll { $0.run.after == run.after }
            content.runs.append(.init(run: run, checksum: run.checksum(in: content.identity)))
        }
        written = plan.through
        disk.commit(content)
    }

    /// Moves the window, and removes what it no longer needs.
    mutating func compact(before revision: Revision) {
        var content = disk.content
        guard revision > content.compacted, revision <= written else { return }
        guard let cut = content.runs.last(where: { $0.run.after <= revision })?.run else { return }
        let rest = content.rows.filter { stored in
            stored.row.position > .end(of: revision)
                && stored.row.position <= .end(of: cut.through)
        }
        let run = JournalRun(
            after: revision, through: cut.through,
            rows: (Int64(rest.count), rest.reduce(0) { $0 &+ $1.checksum }),
            items: (cut.itemCount, cut.itemSum), isDerived: cut.isDerived)
        content.runs.removeAll { $0.run.after < revision || $0.run.after == run.after }
        content.runs.insert(.init(run: run, checksum: run.checksum(in: content.identity)), at: 0)
        let superseded = Set(
            content.rows.filter { $0.row.position <= .end(of: revision) }
                .flatMap { stored -> [Position] in
                    let own = stored.row.kind == .deleted ? [stored.row.position] : []
                    return own + (stored.row.kind == .created ? [] : [stored.row.before!])
                })
        content.rows.removeAll { superseded.contains($0.row.position) }
        for position in superseded {
            index.walk(.all) { key, latest in
                if latest.position == position { index[key] = nil }
                return true
            }
        }
        content.compacted = revision
        content.swept = .end(of: revision)
        disk.commit(content)
    }

    /// The events after `position`, at most so many transactions.
    func batch(after position: Revision, limit: Int) -> EventBatch {
        let events = disk.content.rows.map(\.row).filter { $0.position.revision > position }
            .map(\.event)
        let revisions = Set(events.map(\.revision)).sorted()
        guard revisions.count > limit else { return EventBatch(events: events, through: written) }
        let last = revisions[limit - 1]
        return EventBatch(events: events.filter { $0.revision <= last }, through: last)
    }
}

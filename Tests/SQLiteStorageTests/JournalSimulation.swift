// A gateway's life with its journal, one random step after the other.

import Buffers
import SeedTesting
import Storage
import StorageTesting

@testable import SQLiteStorage

/// What went wrong in a run, and in which.
struct SimulationFailure: Error, CustomStringConvertible { let description: String }

/// One run: a store, a network, a disk, a clock, a gateway that follows and restarts, and clients
/// that watch and poll it. Everything but these five is the code that runs in earnest.
struct JournalSimulation {
    /// A watcher, or somebody who polls: a position, and the items as the events left them.
    private struct Client {
        var position: Revision
        var items: [Key: Revision]
    }

    /// What all runs together have come across.
    struct Counts {
        var readCount = 0
        var restartCount = 0
        var derivedCount = 0
        var setAsideCount = 0
        var lostCount = 0
        var voidCount = 0
        var refusedCount = 0
        var expiredCount = 0
    }

    private var random: SeededGenerator
    /// The store as it is, and as the gateway takes it to be until it asks again.
    private var world = SimulatedWorld()
    private var believed: SimulatedWorld
    private var journal: SimulatedJournal
    private var pending: Pending
    private var clients: [Client] = []
    private var isConnected = true
    private var isVerified = true
    private var isFull = false
    private var clock = Duration.zero
    /// Stretches whose events were derived.
    private var derived: [(after: Revision, through: Revision)] = []
    private(set) var counts = Counts()

    private static let pendingByteCountMax = 4_000

    init(seed: UInt64) async throws {
        random = SeededGenerator(seed: seed)
        for _ in 0..<Int.random(in: 0...5, using: &random) { try await world.write(&random) }
        believed = world
        journal = SimulatedJournal([], at: .zero, of: world.memory.identity)
        pending = Pending(after: .zero, byteCountMax: Self.pendingByteCountMax)
        try await rebuild(voidsPositions: true)
        counts = Counts()
    }

    mutating func run(stepCount: Int) async throws {
        for _ in 0..<stepCount { try await step() }
        try await settle()
    }

    private mutating func step() async throws {
        clock += .milliseconds(1)
        switch Int.random(in: 0..<100, using: &random) {
        case ..<25: try await write()
        case ..<45: try await follow()
        case ..<60: try await writeBehind()
        case ..<80: try await readSome()
        case ..<84: join()
        case ..<87: isConnected.toggle()
        case ..<89: isFull.toggle()
        case ..<91: journal.disk.sync()
        case ..<95: try await restart()
        case ..<97: try await compact()
        case ..<99: moveWindow()
        default: try await replaceStore()
        }
        if !isConnected { isVerified = false }
    }

    private func fail(_ sentence: String) -> SimulationFailure {
        SimulationFailure(description: sentence)
    }

    // MARK: The store

    private mutating func write() async throws {
        let isSame = believed.memory === world.memory
        try await world.write(&random)
        if isSame { believed = world }
    }

    private mutating func compact() async throws {
        let oldest = UInt64.random(in: 0...world.current.rawValue, using: &random)
        try await world.memory.compact(before: Revision(oldest))
    }

    private mutating func replaceStore() async throws {
        if Bool.random(using: &random) {
            world = SimulatedWorld()
            for _ in 0..<Int.random(in: 0...20, using: &random) { try await world.write(&random) }
        } else {
            guard pending.end > .zero else { return }
            let back = UInt64.random(in: 0..<pending.end.rawValue, using: &random)
            world = try await world.restored(at: Revision(back))
        }
        (isConnected, isVerified) = (true, false)
        let before = counts.voidCount
        try await follow()
        guard counts.voidCount > before else { throw fail("a replaced store was not noticed") }
    }

    // MARK: The gateway

    private mutating func follow() async throws {
        guard isConnected else { return }
        if !isVerified {
            let position = JournalPosition(
                identity: journal.identity, revision: pending.end, sample: journal.sample)
            if try await position.divergence(from: world.store) != nil {
                counts.voidCount += 1
                return try await rebuild(voidsPositions: true)
            }
            isVerified = true
        }
        guard world.current > pending.end else { return }
        do {
            let stream = world.store.watch(after: pending.end, .all)
            if let batch = try await stream.next() { pending.append(batch, at: clock) }
        } catch StorageError.compacted {
            try await derive()
        }
    }

    private mutating func derive() async throws {
        let after = pending.end
        var missed = MissedEvents(known: pending.latest(over: journal.index), at: after)
        var page = try await world.store.list(.all, after: nil, limit: 3, at: nil)
        while true {
            if let divergence = missed.compare(page) { throw fail("\(divergence)") }
            guard page.hasMore else { break }
            page = try await world.store.list(
                .all, after: page.items.last?.key, limit: 3, at: page.revision)
        }
        let events = missed.events(at: page.revision)
        let batch = EventBatch(events: events, through: page.revision)
        pending.append(batch, isDerived: true, at: clock)
        derived.append((after, page.revision))
        counts.derivedCount += 1
        endUnknown()
    }

    private mutating func writeBehind() async throws {
        if pending.isLost(written: journal.written) {
            guard isConnected, isVerified, !isFull else { return }
            counts.lostCount += 1
            return try await rebuild(voidsPositions: false)
        }
        let entries = pending.group(after: journal.written)
        guard !entries.isEmpty else { return }
        guard !isFull else {
            counts.refusedCount += 1
            return
        }
        try journal.append(entries)
        pending.drop(through: journal.written, at: clock)
        try checkJournal()
    }

    private mutating func moveWindow() {
        let oldest = Revision(.random(in: 0...journal.written.rawValue, using: &random))
        journal.compact(before: oldest)
    }

    private mutating func rebuild(voidsPositions: Bool) async throws {
        let page = try await world.store.list(.all, after: nil, limit: .max, at: nil)
        journal = SimulatedJournal(page.items, at: page.revision, of: world.memory.identity)
        if voidsPositions {
            believed = world
            pending = Pending(after: page.revision, byteCountMax: Self.pendingByteCountMax)
            (clients, derived, isVerified) = ([], [], true)
        }
        try checkJournal()
    }

    /// Ends the gateway as `kill -9` or a power cut does, and starts it again.
    private mutating func restart() async throws {
        counts.restartCount += 1
        if Bool.random(using: &random) { journal.disk.losePower(&random) }
        let isDamaged = Int.random(in: 0..<4, using: &random) == 0
        if isDamaged { journal.disk.damage(&random) }
        if Bool.random(using: &random) {
            for _ in 0..<Int.random(in: 1...10, using: &random) { try await write() }
            if Bool.random(using: &random) { try await compact() }
        }
        if let opened = try? SimulatedJournal(opening: journal.disk) {
            journal = opened
            isVerified = false
        } else {
            guard isDamaged else { throw fail("a journal that is in order was set aside") }
            counts.setAsideCount += 1
            isConnected = true
            try await rebuild(voidsPositions: false)
            isVerified = true
        }
        let written = journal.written
        pending = Pending(after: written, byteCountMax: Self.pendingByteCountMax)
        derived.removeAll { $0.after >= written }
        let kept = derived.filter { $0.through > journal.oldest }
        guard
            kept.allSatisfy({ stretch in
                journal.derived.contains { $0.through == stretch.through }
            }) || isDamaged
        else { throw fail("\(kept) are not known any more") }
        endUnknown()
        try checkJournal()
    }

    /// Ends the clients that come back to the middle of a stretch whose events were derived.
    private mutating func endUnknown() {
        let before = clients.count
        let derived = derived
        clients.removeAll { client in
            derived.contains { $0.after < client.position && client.position < $0.through }
        }
        counts.expiredCount += before - clients.count
    }

    /// What the journal shows is what the store had.
    private func checkJournal() throws {
        var items: [Key: Revision] = [:]
        journal.index.walk(.all) { key, latest in
            items[key] = latest.item?.revision
            return true
        }
        guard items == believed.state(at: journal.written) else {
            throw fail("the journal at \(journal.written) shows \(items)")
        }
    }

    // MARK: The clients

    /// A new client begins somewhere in the window, with the items of then.
    private mutating func join() {
        let newest = max(pending.end, journal.written)
        let position = Revision(
            .random(in: journal.oldest.rawValue...newest.rawValue, using: &random))
        guard !isWithinDerived(position) else { return }
        clients.append(Client(position: position, items: believed.state(at: position)))
        if clients.count > 8 { clients.removeFirst() }
    }

    private func isWithinDerived(_ position: Revision) -> Bool {
        derived.contains { $0.after < position && position < $0.through }
    }

    private mutating func readSome() async throws {
        for index in clients.indices.reversed() where Bool.random(using: &random) {
            try await read(index)
        }
    }

    private mutating func read(_ index: Int) async throws {
        let position = clients[index].position
        let batch: EventBatch
        switch pending.place(after: position, .all, written: journal.written) {
        case .here(let found): batch = found
        case .written where position >= journal.oldest:
            batch = journal.batch(after: position, limit: .random(in: 1...3, using: &random))
        case .written, .lost:
            // Too old for the journal, or between it and memory: the store may still have it.
            guard isConnected, isVerified else { return }
            do {
                if isWithinDerived(position) {
                    throw StorageError.compacted(requested: position, oldest: journal.oldest)
                }
                let stream = world.store.watch(after: position, .all)
                guard let found = try await stream.next() else { return }
                batch = found
            } catch {
                counts.expiredCount += 1
                clients.remove(at: index)
                return
            }
        case .nowhereYet, .ahead: return
        }
        counts.readCount += 1
        try take(batch, &clients[index])
    }

    /// Ordered, unique, reliable, atomic, resumable, and good for a bookmark.
    private func take(_ batch: EventBatch, _ client: inout Client) throws {
        let (start, end) = (client.position, batch.through)
        guard end > start else { throw fail("a batch after \(start) ends at \(end)") }
        guard zip(batch.events, batch.events.dropFirst()).allSatisfy({ $0.revision <= $1.revision })
        else { throw fail("out of order: \(batch.events)") }
        let isDerived = derived.contains { $0.after < end && start < $0.through }
        if !isDerived, batch.events != believed.events(after: start, through: end) {
            throw fail("after \(start) through \(end): \(batch.events)")
        }
        for event in batch.events {
            guard event.revision > start, event.revision <= end else {
                throw fail("\(event) after \(start) through \(end)")
            }
            client.items[event.key] = event.change == .delete ? nil : event.revision
        }
        client.position = end
        if !isWithinDerived(end), client.items != believed.state(at: end) {
            throw fail("at \(end) a client has \(client.items)")
        }
    }

    /// Lets the gateway and all clients catch up.
    private mutating func settle() async throws {
        (isConnected, isFull) = (true, false)
        repeat {
            try await follow()
            try await writeBehind()
        } while pending.end < world.current || journal.written < pending.end
        var turns = 0
        while clients.contains(where: { $0.position < world.current }) {
            for index in clients.indices.reversed() { try await read(index) }
            turns += 1
            if turns > 1_000 { throw fail("a client does not come to the end") }
        }
    }
}

// Writing the journal behind the store, and making it anew.

import Buffers
import SQLite
import Storage

/// The one task that changes the journal.
final class WriteBehind: Sendable {
    private let store: any Store
    private let path: String
    private let delivery: Delivery
    private let surroundings: JournalSurroundings
    private let report: @Sendable (JournalReport) -> Void

    init(
        _ store: any Store, path: String, _ delivery: Delivery,
        _ surroundings: JournalSurroundings,
        report: @escaping @Sendable (JournalReport) -> Void
    ) {
        self.store = store
        self.path = path
        self.delivery = delivery
        self.surroundings = surroundings
        self.report = report
    }

    /// Writes until the delivery is closed and all of it is written.
    func run() async {
        var retry = Retry(surroundings)
        while true {
            do throws(StorageError) {
                switch delivery.nextWork {
                case .end: return
                case .wait: await delivery.work.wait()
                case .write(let journal, let entries):
                    let written = try await journal.writer.append(entries)
                    if delivery.noteWritten(written) { report(.writtenAgain(through: written)) }
                    retry.reset()
                case .rebuild(let reason, let journal):
                    try await rebuild(journal, reason)
                    retry.reset()
                }
            } catch {
                delivery.noteFailure()
                if case .corrupted(let reason) = error {
                    delivery.requestRebuild(.damaged(reason))
                }
                let wait = retry.next()
                report(.notWritten(error, wait: wait))
                await surroundings.sleep(wait)
            }
        }
    }

    /// Makes a new journal, and then lets go of the old one.
    private func rebuild(
        _ old: Journal, _ reason: Delivery.Rebuild
    ) async throws(StorageError) {
        let built = try await JournalBuilder.build(for: path, from: store, surroundings.file)
        await old.close()
        switch reason {
        case .lost: break
        case .damaged(let reason): try setAside(reason)
        case .diverged(let divergence): try setAside("\(divergence)")
        }
        let journal = try await built.open(at: path, surroundings.file)
        let voidsPositions = if case .diverged = reason { true } else { false }
        delivery.install(journal, voidsPositions: voidsPositions)
        report(.rebuilt(at: built.revision, itemCount: built.itemCount))
    }

    private func setAside(_ reason: String) throws(StorageError) {
        let aside = try JournalFiles.setAside(path)
        delivery.count { $0.setAsideCount += 1 }
        report(.setAside(path: aside, reason: reason))
    }
}

// How a journal is opened: checked, compared with its store, or made anew.

import Buffers
import SQLite
import Storage

/// Opens the journal of a store, whatever lies in its place.
struct JournalOpening {
    let store: any Store
    let path: String
    let surroundings: JournalSurroundings
    let report: @Sendable (JournalReport) -> Void

    func run() async throws(StorageError) -> (journal: Journal, counts: JournalFigures) {
        var counts = JournalFigures()
        if let journal = try await believed(&counts) { return (journal, counts) }
        let built = try await JournalBuilder.build(for: path, from: store, surroundings.file)
        let journal = try await built.open(at: path, surroundings.file)
        counts.rebuiltCount = 1
        report(.rebuilt(at: built.revision, itemCount: built.itemCount))
        return (journal, counts)
    }

    /// The journal that is there, unless something speaks against it.
    private func believed(
        _ counts: inout JournalFigures
    ) async throws(StorageError) -> Journal? {
        let journal: Journal
        do throws(StorageError) {
            guard let found = try await Journal.open(path, surroundings.file) else { return nil }
            journal = found
        } catch {
            try setAside(error.description, &counts)
            return nil
        }
        let position = JournalPosition(
            identity: journal.identity, revision: journal.writtenRevision, sample: journal.sample)
        do throws(StorageError) {
            guard let divergence = try await answer(position) else { return journal }
            await journal.close()
            try setAside("\(divergence)", &counts)
            return nil
        } catch {
            report(.unchecked(error))
            return journal
        }
    }

    /// What the store says of the position, if it says so in time.
    private func answer(_ position: JournalPosition) async throws(StorageError) -> Divergence? {
        let result = await withTaskGroup(of: Result<Divergence?, StorageError>.self) { group in
            group.addTask { [store] in
                do throws(StorageError) {
                    return .success(try await position.divergence(from: store))
                } catch {
                    return .failure(error)
                }
            }
            group.addTask { [surroundings] in
                await surroundings.sleep(surroundings.checkDurationMax)
                return .failure(.unavailable(reason: "the store did not answer in time"))
            }
            defer { group.cancelAll() }
            return await group.next() ?? .success(nil)
        }
        return try result.get()
    }

    private func setAside(
        _ reason: String, _ counts: inout JournalFigures
    ) throws(StorageError) {
        let aside = try JournalFiles.setAside(path)
        counts.setAsideCount += 1
        report(.setAside(path: aside, reason: reason))
    }
}

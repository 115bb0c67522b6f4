// The embedded store by itself.

import Buffers
import SQLiteStorage
import Storage

extension Piece {
    /// Durable commits of one object of 1 KB each.
    static func commit(_ bench: Workbench, clients: Int) throws -> Piece {
        let path = try bench.scratch.folder("piece-commit-\(clients)") + "/store"
        let store = try waiting { try await SQLiteStore(path: path) }
        let value = Bytes(filler(1_000))
        let perClient = 16
        var written = 0
        return Piece(
            name: "commit-\(clients)",
            title: "store: durable commits of 1 KB, \(clients) at a time",
            operationCount: clients * perClient, byteCount: clients * perClient * value.count,
            run: {
                let first = written
                written += clients * perClient
                try waiting {
                    try await commit(value, to: store, clients, perClient, first)
                }
            })
    }

    private static func commit(
        _ value: Bytes, to store: SQLiteStore, _ clients: Int, _ perClient: Int, _ first: Int
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in 0..<clients {
                group.addTask {
                    for index in 0..<perClient {
                        let number = first + client * perClient + index
                        let put = Operation.put(Key("core/pods/a/\(padded(number, 9))"), value)
                        _ = try await store.commit(Transaction(operations: [put]))
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Opens a file with a history of so many objects, written by a store that was not closed well.
    static func journalLoad(_ bench: Workbench) throws -> Piece {
        let path = try bench.scratch.folder("piece-load") + "/store"
        let (count, value) = (50_000, Bytes(filler(1_000)))
        try waiting {
            let store = try await SQLiteStore(path: path)
            for start in stride(from: 0, to: count, by: 100) {
                let puts = (start..<start + 100).map {
                    Operation.put(Key("core/pods/a/\(padded($0, 9))"), value)
                }
                _ = try await store.commit(Transaction(operations: puts))
            }
            await store.close()
        }
        return Piece(
            name: "journal-load", title: "journal: open a file of \(count) objects of 1 KB",
            operationCount: count, byteCount: count * value.count,
            run: {
                let found = try waiting {
                    let store = try await SQLiteStore(path: path)
                    await store.close()
                    return store.opening.itemCount
                }
                guard found == count else { throw BenchFailure("\(found) objects were found") }
            })
    }
}

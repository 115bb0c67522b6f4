// Commits without end, from several tasks, until it is killed. Each line that it prints is a commit
// that the store has acknowledged: key, revision, digest of the value.
//
// usage: store-crasher FILE SEED

import Buffers
import Glibc
import SQLiteStorage
import SeedTesting
import Storage
import StorageTesting

let arguments = CommandLine.arguments
guard arguments.count == 3, let seed = UInt64(arguments[2]) else { exit(64) }
// So small that the index is saved, and the log trimmed, again and again.
let retention = Retention(age: .seconds(3_600), byteCount: 4 << 20)
let store = try await SQLiteStore(
    path: arguments[1], options: .init(retention: retention), isFaulty: { _ in false },
    savedRowCountMin: 200)

/// Prints a line in one piece: short writes to a pipe are not mixed with others.
func acknowledge(_ key: Key, _ revision: Revision, _ value: Bytes) {
    let line = Array("\(key) \(revision) \(value.digest)\n".utf8)
    guard write(1, line, line.count) == line.count else { exit(74) }
}

/// Puts a value under one of a few keys and, in the same transaction, under the task's `pair` key.
func commitForever(task: UInt64) async throws {
    var random = SeededGenerator(seed: seed &* 1_000 &+ task)
    while true {
        let key = Key("t\(task)/\(random.next() % 40)")
        let count = Int(random.next() % 3_000)
        let value = Bytes((0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) })
        let operations: [Operation] = [.put(key, value), .put(Key("pair/\(task)"), value)]
        let result = try await store.commit(Transaction(operations: operations))
        guard case .committed(let revision) = result else { exit(70) }
        acknowledge(key, revision, value)
        if random.next() % 64 == 0 {
            try await store.compact(
                before: Revision(revision.rawValue - min(50, revision.rawValue)))
        }
    }
}

try await withThrowingTaskGroup(of: Void.self) { group in
    for task in 0..<6 { group.addTask { try await commitForever(task: UInt64(task)) } }
    try await group.waitForAll()
}

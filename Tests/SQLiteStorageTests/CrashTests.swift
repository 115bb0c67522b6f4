import Buffers
import Glibc
import SQLiteStorage
import SeedTesting
import Storage
import StorageTesting
import Testing

/// A process that commits until it is killed; see `Tests/Support/store-crasher`.
private struct Crasher {
    struct Acknowledged { let key: Key, revision: Revision, digest: UInt64 }

    private let process: pid_t
    private let output: UnsafeMutablePointer<FILE>

    init(file: String, seed: UInt64) {
        var ends: [CInt] = [0, 0]
        precondition(pipe(&ends) == 0, "pipe: errno \(errno)")
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        let words: [String] = [Self.program, file, "\(seed)"]
        let arguments: [UnsafeMutablePointer<CChar>?] = words.map { word in strdup(word) }
        defer { for argument in arguments { free(argument) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, Self.program, &actions, nil, arguments + [nil], environ)
        precondition(code == 0, "\(Self.program) does not start: error \(code)")
        close(ends[1])
        self.process = process
        output = fdopen(ends[0], "r")
    }

    /// The tests' own executable has the crasher beside it.
    private static var program: String {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = buffer.withUnsafeMutableBytes {
            readlink(
                "/proc/self/exe", $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
        }
        let path = String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
        return path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            .joined(separator: "/") + "/store-crasher"
    }

    /// Kills the process after it has acknowledged `count` commits; returns all that it has
    /// acknowledged by then.
    func kill(after count: Int) -> [Acknowledged] {
        var found: [Acknowledged] = []
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        while getline(&line, &capacity, output) > 0, let line {
            let words = String(cString: line).split(whereSeparator: \.isWhitespace)
            guard words.count == 3, let revision = UInt64(words[1]), let digest = UInt64(words[2])
            else { break }
            found.append(
                Acknowledged(
                    key: Key(String(words[0])), revision: Revision(revision), digest: digest))
            if found.count == count { Glibc.kill(process, SIGKILL) }
        }
        fclose(output)
        var status: CInt = 0
        waitpid(process, &status, 0)
        return found
    }
}

struct CrashTests {
    private static let roundCount = 24

    @Test func `whatever was acknowledged before a kill is there after it`() async throws {
        var random = SeededGenerator()
        print("crash test: BINNACLE_TEST_SEED=\(random.seed)")
        let directory = TemporaryDirectory()
        var revision = Revision.zero
        for round in 0..<Self.roundCount {
            let crasher = Crasher(file: directory.file, seed: random.next() % 1_000_000)
            let count = Int.random(in: 1...250, using: &random)
            let acknowledged = crasher.kill(after: count)
            try #require(acknowledged.count >= count, "round \(round), seed \(random.seed)")

            let store = try await SQLiteStore(path: directory.file)
            revision = try await check(store, acknowledged, after: revision)
            let items = try await store.items()
            try await store.execute("DELETE FROM saved")
            await store.close()
            // What was opened by a saved index is what the rows say.
            let again = try await SQLiteStore(path: directory.file)
            #expect(try await again.items() == items)
            #expect(try await again.currentRevision() == revision)
            await again.close()
        }
    }

    /// Returns the newest revision of the store.
    private func check(
        _ store: SQLiteStore, _ acknowledged: [Crasher.Acknowledged], after before: Revision
    ) async throws -> Revision {
        let current = try await store.currentRevision()
        let newest = acknowledged.map(\.revision).max() ?? .zero
        #expect(current >= newest)
        #expect(acknowledged.allSatisfy { $0.revision > before })

        let oldest = try await oldestKept(store)
        let events = try await store.events(after: oldest)
        let byRevision = Dictionary(grouping: events, by: \.revision)
        #expect(byRevision.count == Int(current.rawValue - oldest.rawValue), "a gap")
        for (revision, events) in byRevision {
            #expect(events.count == 2, "half of transaction \(revision)")
            #expect(Set(events.map(\.change)).count == 1, "transaction \(revision) is mixed up")
        }
        for one in acknowledged {
            if one.revision > oldest {
                let event = byRevision[one.revision]?.first
                #expect(event?.key == one.key)
                guard case .put(let value)? = event?.change else { continue }
                #expect(value.digest == one.digest)
            } else {
                let item = try await store.get(one.key)
                #expect((item?.revision ?? .zero) >= one.revision)
                if item?.revision == one.revision { #expect(item?.value.digest == one.digest) }
            }
        }
        return current
    }

    private func oldestKept(_ store: SQLiteStore) async throws -> Revision {
        do {
            _ = try await store.get("none", at: .zero)
            return .zero
        } catch StorageError.compacted(_, let oldest) {
            return oldest
        }
    }
}

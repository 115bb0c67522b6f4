// What becomes of a commit whose connection ends before its answer.

import Buffers
import EtcdTesting
import Storage
import Testing

@testable import EtcdStorage

@Suite(.serialized, .timeLimit(.minutes(5))) struct CutConnectionTests {
    private static let bench = Task { try await EtcdBench(memberCount: 1) }
    private static let commit = "POST /v3/kv/txn "

    private func run(
        _ limits: EtcdStorage.Limits = .patient,
        _ body: (EtcdStore, CuttingProxy) async throws -> Void
    ) async throws {
        let bench = try await Self.bench.value
        let proxy = try CuttingProxy(to: bench.cluster.port(0))
        let store = try bench.store(prefix: bench.freshPrefix, limits: limits, through: proxy)
        try await store.connect()
        try await body(store, proxy)
        await store.close()
        proxy.stop()
    }

    /// How often the key was put after `revision`.
    private func puts(_ key: Key, in store: EtcdStore, after revision: Revision) async throws -> Int
    {
        let end = try await store.currentRevision()
        let stream = store.watch(after: revision, .only(key))
        var count = 0
        while let batch = try await stream.next() {
            count += batch.events.count
            if batch.through >= end { break }
        }
        return count
    }

    @Test(arguments: CuttingProxy.Cut.allCases)
    func `a commit whose answer is lost is made once, and its outcome known`(
        _ cut: CuttingProxy.Cut
    ) async throws {
        try await run { store, proxy in
            let before = try await store.currentRevision()
            for number in 0..<10 {
                let key = Key("k\(number)")
                proxy.cut(cut, next: Self.commit)
                let result = try await store.commit(
                    Transaction(comparisons: [.absent(key)], operations: [.put(key, "x")]))
                #expect(proxy.cutCount == number + 1)
                let item = try await store.get(key)
                #expect(result == .committed(try #require(item).revision))
                #expect(try await puts(key, in: store, after: before) == 1)
            }
        }
    }

    @Test(arguments: CuttingProxy.Cut.allCases)
    func `a conflict whose answer is lost is still one`(_ cut: CuttingProxy.Cut) async throws {
        try await run { store, proxy in
            _ = try await store.commit(Transaction(operations: [.put("k", "x")]))
            proxy.cut(cut, next: Self.commit)
            let result = try await store.commit(
                Transaction(comparisons: [.absent("k")], operations: [.put("k", "y")]))
            #expect(result == .conflict(.absent("k"), current: try await store.get("k")))
            #expect(try await store.get("k")?.value == "x")
            #expect(proxy.cutCount == 1)
        }
    }

    @Test func `a commit is uncertain when nobody can be asked what became of it`() async throws {
        var limits = EtcdStorage.Limits()
        limits.commitDuration = .seconds(1)
        limits.patience = .milliseconds(300)
        try await run(limits) { store, proxy in
            proxy.cut(.beforeAnswer, next: Self.commit)
            proxy.close()
            do {
                _ = try await store.commit(Transaction(operations: [.put("k", "x")]))
                Issue.record("a commit without an answer")
            } catch StorageError.uncertain(let key, _) {
                #expect(key == "k")
            }
            proxy.open()
            // The member rests for a while.
            while true {
                do throws(StorageError) {
                    let item = try await store.get("k")
                    #expect(item?.value == "x")
                    break
                } catch {
                    guard case .unavailable = error else { throw error }
                }
            }
        }
    }
}

// Commits whose answers are lost, while another gateway does the same.

import Buffers
import EtcdTesting
import EventLoops
import HTTPClient
import Storage
import Synchronization
import Testing

@testable import EtcdStorage

/// Loses the first transaction, or the answer to it.
private final class LosingTransport: Transport {
    private let inner: HTTPTransport
    private let isCarriedOut: Bool
    private let meanwhile: @Sendable () async throws -> Void
    private let hasLost = Mutex(false)

    /// - Parameters:
    ///   - isCarriedOut: only the answer is lost.
    ///   - meanwhile: what others do before it is noticed.
    init(
        _ bench: EtcdBench, isCarriedOut: Bool,
        meanwhile: @escaping @Sendable () async throws -> Void
    ) {
        inner = HTTPTransport(
            bench.cluster.urls.map { Endpoint($0)! }, on: bench.group.loops[0], security: nil,
            connectLimit: .seconds(1))
        self.isCarriedOut = isCarriedOut
        self.meanwhile = meanwhile
    }

    var endpoints: [String] { inner.endpoints }

    func answer(
        to call: Call, from member: Int, within duration: Duration
    ) async throws(TransportFailure) -> Reply {
        let isLost = hasLost.withLock { hasLost in
            guard call.path == "/v3/kv/txn", !hasLost else { return false }
            hasLost = true
            return true
        }
        guard isLost else {
            return try await inner.answer(to: call, from: member, within: duration)
        }
        if isCarriedOut { _ = try await inner.answer(to: call, from: member, within: duration) }
        do { try await meanwhile() } catch { Issue.record("\(error)") }
        throw TransportFailure(reason: "lost for the test", mayHaveReached: true)
    }

    func stream(
        _ call: Call, from member: Int, within duration: Duration
    ) async throws(TransportFailure) -> any LineSource {
        try await inner.stream(call, from: member, within: duration)
    }

    func close() async { await inner.close() }
}

@Suite struct LostAnswerTests {
    private static let bench = Task { try await EtcdBench(memberCount: 1) }

    /// Two gateways want the same change of the same state, which only one of them can have made.
    private func bothWant(
        _ operation: Storage.Operation, firstIsCarriedOut: Bool
    ) async throws -> (first: CommitResult, second: CommitResult) {
        let bench = try await Self.bench.value
        let prefix = bench.freshPrefix
        let other = try bench.store(prefix: prefix, gateway: "other")
        guard
            case .committed(let revision) = try await other.commit(
                Transaction(operations: [.put("a", "1")]))
        else { throw StorageError.corrupted(reason: "an unconditional put has failed") }
        let transaction = Transaction(
            comparisons: [.unchanged("a", since: revision)], operations: [operation])
        let second = Mutex<CommitResult?>(nil)
        let transport = LosingTransport(bench, isCarriedOut: firstIsCarriedOut) {
            let result = try await other.commit(transaction)
            second.withLock { $0 = result }
        }
        var options = EtcdStore.Options(gateway: "first")
        options.prefix = prefix
        let store = EtcdStore(transport, options)
        let first = try await store.commit(transaction)
        await store.close()
        await other.close()
        return (first, try #require(second.withLock { $0 }))
    }

    @Test(arguments: [Storage.Operation.delete("a"), .put("a", "2")])
    func `what another gateway has done is not taken for one's own`(
        operation: Storage.Operation
    ) async throws {
        let (first, second) = try await bothWant(operation, firstIsCarriedOut: false)
        guard case .committed = second else {
            Issue.record("the other one's: \(second)")
            return
        }
        guard case .conflict = first else {
            Issue.record("both have made the change: \(first), \(second)")
            return
        }
    }

    @Test(arguments: [Storage.Operation.delete("a"), .put("a", "2")])
    func `what was carried out before its answer was lost is one's own`(
        operation: Storage.Operation
    ) async throws {
        let (first, second) = try await bothWant(operation, firstIsCarriedOut: true)
        guard case .committed = first, case .conflict = second else {
            Issue.record("\(first), \(second)")
            return
        }
    }
}

// The contract of every store, kept by one in a real cluster.

import StorageTesting
import Testing

@testable import EtcdStorage

/// One check after the other: revisions count what others do in the same cluster, too.
@Suite(.serialized) struct EtcdContractTests {
    private static let alone = Task { try await EtcdBench(memberCount: 1) }
    private static let three = Task { try await EtcdBench(memberCount: 3) }

    @Test(arguments: StoreContract.checks)
    func `a store on one member keeps the contract`(_ check: StoreCheck) async throws {
        let bench = try await Self.alone.value
        try await check.run { try await bench.fixture() }
    }

    @Test(arguments: StoreContract.checks)
    func `a store on three members keeps the contract`(_ check: StoreCheck) async throws {
        let bench = try await Self.three.value
        try await check.run { try await bench.fixture() }
    }
}

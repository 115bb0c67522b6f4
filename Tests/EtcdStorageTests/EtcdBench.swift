// Stores in real clusters, one prefix each.

import Buffers
import EtcdTesting
import EventLoops
import HTTPClient
import Storage
import StorageTesting
import Synchronization
import TLS

@testable import EtcdStorage

extension EtcdStorage.Limits {
    /// For tests of what is answered: a machine on which all tests run at once answers late.
    static let patient: Self = {
        var limits = Self()
        limits.readDuration = .seconds(60)
        limits.commitDuration = .seconds(60)
        return limits
    }()
}

/// A cluster, and the loop on which the tests reach it.
final class EtcdBench: Sendable {
    let cluster: EtcdCluster
    let group: EventLoopGroup
    private let count = Atomic<Int>(0)

    init(memberCount: Int, isSecure: Bool = false) async throws {
        cluster = try await EtcdCluster(memberCount: memberCount, isSecure: isSecure)
        group = try EventLoopGroup(count: 1)
        let store = try self.store(prefix: "/ready")
        // A cluster takes a moment to choose its leader.
        while (try? await store.connect()) == nil { try Task.checkCancellation() }
        await store.close()
    }

    deinit {
        cluster.stop()
        group.shutDown()
    }

    /// A store that is not connected yet.
    func store(
        prefix: String, gateway: String = "test", limits: EtcdStorage.Limits = .patient,
        through proxy: CuttingProxy? = nil
    ) throws -> EtcdStore {
        var options = EtcdStore.Options(gateway: gateway)
        options.prefix = prefix
        options.limits = limits
        var security: Security?
        if let tls = cluster.tls {
            let files = try ClientFiles(
                authorities: tls.authority,
                certificate: CertificateFiles.Pair(certificate: tls.certificate, key: tls.key))
            security = Security { files.context() }
        }
        let urls = proxy.map { ["http://127.0.0.1:\($0.port)"] } ?? cluster.urls
        return EtcdStore(
            urls.map { Endpoint($0)! }, on: group.loops[0], security: security, options: options)
    }

    var freshPrefix: String { "/t\(count.wrappingAdd(1, ordering: .relaxed).newValue)" }

    /// Without marks, which are revisions, too: on a busy machine a watch may be late.
    private static let unmarked: EtcdStorage.Limits = {
        var limits = EtcdStorage.Limits.patient
        limits.watchMarkedAfter = .seconds(30)
        limits.watchAbandonedAfter = .seconds(30)
        return limits
    }()

    /// An empty store, whose revisions the checks count from zero.
    func fixture() async throws -> StoreFixture {
        let prefix = freshPrefix
        let store = try self.store(prefix: prefix, limits: Self.unmarked)
        try await store.connect()
        return fixture(store, prefix, origin: try await store.currentRevision())
    }

    private func fixture(
        _ store: EtcdStore, _ prefix: String, origin: Revision
    ) -> StoreFixture {
        StoreFixture(
            store: RebasedStore(store, origin: origin), close: { await store.close() },
            reopen: { [self] in
                // Does not connect: that would be a revision of its own.
                fixture(
                    try self.store(prefix: prefix, limits: Self.unmarked), prefix, origin: origin)
            })
    }
}

// What a store and its watches share.

import Buffers
import Storage
import Synchronization

/// The cluster, the part of its keys that is ours, and who follows it.
final class StoreCore: Sendable {
    let cluster: Cluster
    let keyspace: Keyspace
    let session: Session
    let receipts: ReceiptBook
    let watches: WatchRoster
    private let probe: SharedCall<Revision, CallError>
    private let marking: SharedCall<Void, CallError>

    init(_ transport: any Transport, _ options: EtcdStore.Options, _ clock: EtcdClock) {
        let keyspace = Keyspace(prefix: options.prefix)
        let watches = WatchRoster()
        let cluster = Cluster(transport, options.limits, clock) { watches.learn($0) }
        self.keyspace = keyspace
        self.watches = watches
        self.cluster = cluster
        session = Session(cluster, key: keyspace.session(of: options.gateway))
        let gateway = options.gateway
        receipts = ReceiptBook { keyspace.receipt($0, of: gateway) }
        probe = SharedCall { () async throws(CallError) in
            let answer: RangeAnswer = try await cluster.ask(
                .probe(keyspace.progressMark), cluster.reading)
            return answer.header.revision
        }
        marking = SharedCall { () async throws(CallError) in
            let _: PlainAnswer = try await cluster.ask(
                .put(keyspace.progressMark, "1"), cluster.reading)
        }
    }

    /// The newest revision, as a quorum sees it. One call serves all who wait when it begins.
    func currentRevision() async throws(StorageError) -> Revision {
        do throws(CallError) {
            try cluster.checkOpen()
            return try await probe.answer()
        } catch {
            throw error.whenReading
        }
    }

    /// - Returns: the cluster's identity.
    /// - Throws: `future` when the store has not come to `revision`.
    func checkReached(_ revision: Revision) async throws(StorageError) -> UInt64 {
        do throws(CallError) { try cluster.checkOpen() } catch { throw error.whenReading }
        if cluster.clusterID == nil || revision > cluster.newest {
            let current = try await currentRevision()
            guard revision <= current else {
                throw .future(requested: revision, current: current)
            }
        }
        return try await clusterID()
    }

    func clusterID() async throws(StorageError) -> UInt64 {
        if cluster.clusterID == nil { _ = try await currentRevision() }
        guard let known = cluster.clusterID else {
            throw .unavailable(reason: "no member of etcd has said which cluster it is of")
        }
        return known
    }

    /// Moves every watch of the store on, also those of other gateways.
    func mark() async { _ = try? await marking.answer() }

    /// Ends every watch and call.
    func close() async {
        watches.close()
        await cluster.close()
    }
}

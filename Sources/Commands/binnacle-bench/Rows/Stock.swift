// The objects that the rows about reading read.

import Buffers
import JSON

/// A server that holds pods and one ConfigMap.
final class Stock {
    let peer: Peer
    /// How the pods were created.
    private(set) var podCreation: Round?
    private let bench: Workbench

    /// What an object in the row about one GET takes as served.
    static let objectByteCount = 400
    /// What a pod takes as served.
    static let podByteCount = 2700
    static let objectPath = BenchObjects.configMaps() + "/object-00000001"

    init(_ bench: Workbench, _ peer: Peer) throws {
        self.bench = bench
        self.peer = peer
        let caller = try HTTPCaller(peer.address)
        let path = BenchObjects.configMaps()
        // The first object tells how much the server adds; the second has the wanted length.
        let bare = BenchObjects.configMap("object", dataByteCount: 0)
        _ = try caller.expect(201, .post(path, json: bare.bytes(2)))
        let served = try caller.expect(200, .get(path + "/object-00000002")).body.count
        let object = BenchObjects.configMap(
            "object", dataByteCount: max(Self.objectByteCount - served, 0))
        _ = try caller.expect(201, .post(path, json: object.bytes(1)))
    }

    /// Creates the pods, with 32 clients, unless they are there.
    func fillPods() throws {
        guard podCreation == nil else { return }
        let pod = try Self.pod(of: Self.podByteCount, in: peer)
        let row = bench.profileName
        bench.profileName = "pods"
        defer { bench.profileName = row }
        podCreation = try bench.exhaust(
            peer, connections: 32,
            Requests.posting(pod, to: BenchObjects.pods, at: peer.address, 0..<bench.options.pods))
    }

    /// Pods that take so many bytes as `peer` serves them: one of them tells what it adds.
    static func pod(of byteCount: Int, in peer: Peer) throws -> ObjectTemplate {
        let caller = try HTTPCaller(peer.address)
        let probe = 999_999
        let bare = BenchObjects.pod(paddingByteCount: 0)
        _ = try caller.expect(201, .post(BenchObjects.pods, json: bare.bytes(probe)))
        let served = try caller.expect(200, .get(BenchObjects.pod(probe))).body.count
        let deletion = Request(
            method: "DELETE", path: BenchObjects.pod(probe) + "?gracePeriodSeconds=0")
        _ = try caller.expect(200, deletion)
        return BenchObjects.pod(paddingByteCount: max(byteCount - served, 0))
    }

    /// A list of pods, as one client gets it.
    func list(_ query: String = "", fields: String = "") throws -> Bytes {
        try fillPods()
        let request = Request.get(BenchObjects.pods + query, fields: fields)
        return try HTTPCaller(peer.address).expect(200, request).body
    }

    /// Demands that `list` hold `count` pods.
    static func check(_ list: Bytes, holds count: Int) throws {
        let items = try JSONValue(parsing: list)["items"]?.array?.count ?? 0
        guard items == count else { throw BenchFailure("a list of \(items) pods, not \(count)") }
    }
}

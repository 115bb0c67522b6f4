// Durable writes, beside etcd's gateway.

import Buffers

extension Row {
    static let create = Row(
        "create", "creates, beside etcd's /v3/kv/put with the same bytes on the same disk"
    ) { bench in
        let floor = try bench.syncFloor()
        return try bench.writeRows("create", floor) { peer, clients, turn in
            let template = BenchObjects.configMap(
                "create-\(clients)-\(turn)", dataByteCount: WrittenObjects.dataByteCount)
            return Requests.posting(
                template, to: BenchObjects.configMaps(), at: peer.address, 0..<Int.max)
        } puts: { peer, clients, turn in
            WrittenObjects.puts("create-\(clients)-\(turn)", to: peer.address, keys: .max)
        }
    }

    static let update = Row(
        "update", "replaces of 1,000 objects, beside etcd's /v3/kv/put of 1,000 keys"
    ) { bench in
        let objects = try WrittenObjects(bench)
        return try bench.writeRows("update", nil) { _, _, _ in
            objects.replacements()
        } puts: { peer, _, _ in
            WrittenObjects.puts("update", to: peer.address, keys: WrittenObjects.count)
        }
    }
}

/// ConfigMaps that are replaced again and again.
private final class WrittenObjects {
    static let dataByteCount = 1024
    static let count = 1_000
    private static let template = BenchObjects.configMap(
        "update", dataByteCount: dataByteCount)

    private let endpoint: Endpoint
    private var turn = 0

    init(_ bench: Workbench) throws {
        endpoint = try bench.writing().address
        let creates = Requests.posting(
            Self.template, to: BenchObjects.configMaps(), at: endpoint, 0..<Self.count)
        _ = try LoadLoop(to: endpoint, connections: 32, creates, Window()).run()
    }

    func replacements() -> Requests {
        let (endpoint, path) = (endpoint, BenchObjects.configMaps())
        return Requests { [self] _, buffer in
            turn += 1
            let number = turn % Self.count
            Self.template.replacement(
                number, turn: turn, at: "\(path)/update-\(padded(number, 8))"
            ).write(into: &buffer, host: endpoint)
            return ExpectedAnswer(status: 200)
        }
    }

    /// Puts the bytes that a client of binnacle sends, under so many keys in turns.
    static func puts(_ name: String, to endpoint: Endpoint, keys: Int) -> Requests {
        let value = EtcdRequest.encoded(
            BenchObjects.configMap(name, dataByteCount: dataByteCount).bytes(0))
        var number = 0
        return Requests { _, buffer in
            let key = "/bench/configmaps/\(name)-\(padded(number % keys, 8))"
            number += 1
            EtcdRequest.put(key, encoded: value).write(into: &buffer, host: endpoint)
            return ExpectedAnswer(status: 200)
        }
    }
}

extension Workbench {
    /// Makes the requests of a round for so many clients.
    fileprivate typealias Writes = (_ peer: Peer, _ clients: Int, _ turn: Int) -> Requests

    fileprivate func syncFloor() throws -> LatencyHistogram {
        try SyncFloor.measure(scratch.path("sync"), seconds: 0.5)
    }

    /// A row for each number of clients.
    fileprivate func writeRows(
        _ name: String, _ floor: LatencyHistogram?, _ writes: @escaping Writes,
        puts: @escaping Writes
    ) throws -> [RowResult] {
        let binnacle = try writing()
        let etcd = try etcd()
        return try options.clientCounts.map { clients in
            var row = RowResult(
                identifier: "\(name)-\(clients)",
                title: "\(name) ConfigMaps with 1,024 bytes of data, durably, "
                    + "\(clients) at a time")
            profileName = row.identifier
            var turn = 0
            row.series = try paired([
                (
                    "binnacle",
                    {
                        turn += 1
                        return try self.round(
                            binnacle, connections: clients, writes(binnacle, clients, turn))
                    }
                ),
                (
                    "etcd",
                    {
                        try self.round(etcd, connections: clients, puts(etcd, clients, turn))
                    }
                ),
            ])
            if let floor {
                row.facts = [
                    Fact(
                        name: "bare fdatasync of 4 KiB, p50",
                        value: Double(floor.nanoseconds(at: 0.5)) / 1e6, unit: "ms")
                ]
            }
            row.demandRatio(clients > 1 ? 1.5 : 1, of: "etcd")
            return row
        }
    }
}

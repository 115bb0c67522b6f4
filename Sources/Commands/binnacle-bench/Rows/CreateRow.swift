// Durable writes, beside etcd's gateway.

import Buffers
import SystemCalls

extension Workbench {
    /// A row for each number of clients.
    func create() throws -> [RowResult] {
        let binnacle = try freshBinnacle("writing")
        let etcd = try startEtcd(scratch)
        return try options.clientCounts.map { clients in
            var row = RowResult(
                identifier: "create-\(clients)",
                title: "create ConfigMaps with 1,024 bytes of data, \(clients) at a time")
            profileName = row.identifier
            var turn = 0
            row.series = try paired([
                (
                    "binnacle",
                    {
                        turn += 1
                        return try self.round(
                            binnacle, connections: clients,
                            Requests.posting(
                                Self.writtenObject("create-\(clients)-\(turn)"),
                                to: BenchObjects.configMaps(), at: binnacle.address, 0..<Int.max))
                    }
                ),
                (
                    "etcd",
                    {
                        try self.round(
                            etcd, connections: clients,
                            Self.puts("create-\(clients)-\(turn)", etcd.address))
                    }
                ),
            ])
            if clients > 1 { row.demandRatio(1) }
            return row
        }
    }

    private static func writtenObject(_ name: String) -> ObjectTemplate {
        BenchObjects.configMap(name, dataByteCount: 1024)
    }

    /// Puts the bytes that a client of binnacle posts, each time under a new key.
    private static func puts(_ name: String, _ address: SocketAddress) -> Requests {
        let value = base64(writtenObject(name).bytes(0))
        var number = 0
        return Requests { _, buffer in
            let key = base64(Bytes("/bench/configmaps/\(name)-\(padded(number, 8))"))
            number += 1
            var body = ByteBuffer(reserving: value.count + 100)
            body.append(literal: "{\"key\":\"")
            body.append(key)
            body.append(literal: "\",\"value\":\"")
            body.append(value)
            body.append(literal: "\"}")
            Request.post("/v3/kv/put", json: body.freeze()).write(into: &buffer, host: address)
            return ExpectedAnswer(status: 200)
        }
    }
}

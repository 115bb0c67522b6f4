// The servers of a run, started when a row first needs them, and how a round is measured.

import Buffers
import Glibc
import JSON
import SystemCalls

/// A server and one measured run of it.
typealias Contender = (name: String, run: () throws -> Round)

/// What all rows share.
final class Workbench {
    let options: BenchOptions
    let scratch: Scratch
    /// What is being measured; profiles are named after it.
    var profileName = ""
    let binary: String
    private var profileCounts: [String: Int] = [:]
    private var startedNginx: Peer?
    private var startedStock: Stock?

    init(_ options: BenchOptions, binary: String, _ scratch: Scratch) {
        self.options = options
        self.binary = binary
        self.scratch = scratch
    }

    /// A server of its own, with nothing in it but a namespace.
    func freshBinnacle(_ name: String, _ flags: [String] = []) throws -> Peer {
        let peer = try startBinnacle(binary, name, scratch, flags)
        _ = try HTTPCaller(peer.address)
            .expect(201, .post("/api/v1/namespaces", json: BenchObjects.namespaceBody))
        return peer
    }

    /// The server with one ConfigMap and all pods, for the rows about reading.
    func stock() throws -> Stock {
        if let startedStock { return startedStock }
        let stock = try Stock(self, freshBinnacle("reading"))
        startedStock = stock
        return stock
    }

    func nginx() throws -> Peer {
        if let startedNginx { return startedNginx }
        let nginx = try startNginx(scratch)
        startedNginx = nginx
        return nginx
    }

    /// Has nginx serve `bytes` at `/name`.
    func publish(_ bytes: Bytes, as name: String) throws {
        _ = try nginx()
        try bytes.withUnsafeBytes { try Scratch.write($0, to: scratch.path("www/\(name)")) }
    }

    /// Runs the contenders in turns, as often as there are pairs.
    func paired(_ contenders: [Contender]) throws -> [Series] {
        var series = contenders.map { Series(name: $0.name) }
        for _ in 0..<options.pairs {
            for (index, contender) in contenders.enumerated() {
                series[index].rounds.append(try contender.run())
            }
        }
        return series
    }

    /// Measures `peer` under a closed loop for the length of a measurement.
    func round(
        _ peer: Peer, connections: Int, _ requests: some RequestSource
    ) throws -> Round {
        try measure(
            peer, connections: connections, requests,
            Window(warmUp: .milliseconds(300), length: .nanoseconds(Int64(options.seconds * 1e9))))
    }

    /// One request again and again.
    func repeating(
        _ request: Request, to peer: Peer, _ connections: Int, _ expectation: ExpectedAnswer
    ) -> Contender {
        let requests = Requests.repeating(request, to: peer.address, expectation)
        return (peer.name, { try self.round(peer, connections: connections, requests) })
    }

    /// Has perf(1) look at binnacle while a row is measured. Costs a few percent, so figures and
    /// profiles are different runs.
    func profile(_ peer: Peer) throws -> ChildProcess? {
        guard options.profile, peer.name == "binnacle" else { return nil }
        let count = profileCounts[profileName, default: 0] + 1
        profileCounts[profileName] = count
        let output = "\(options.results)/perf-\(profileName)-\(count).data"
        let identifier = String(peer.process.identifier)
        return try ChildProcess(
            "perf", ["perf", "record", "-F", "997", "-g", "-o", output, "-p", identifier],
            logPath: scratch.path("perf.log"))
    }

    /// The revision that a server has come to.
    static func revision(of address: SocketAddress, _ path: String) throws -> UInt64 {
        let list = try HTTPCaller(address).expect(200, .get("\(path)?limit=1")).body
        guard let text = try JSONValue(parsing: list)["metadata"]?["resourceVersion"]?.string,
            let revision = UInt64(text)
        else { throw BenchFailure("a list without resourceVersion") }
        return revision
    }

    /// Measures `peer` until there are no more requests.
    func exhaust(_ peer: Peer, connections: Int, _ requests: Requests) throws -> Round {
        try measure(peer, connections: connections, requests, Window())
    }

    private func measure(
        _ peer: Peer, connections: Int, _ requests: some RequestSource, _ window: Window
    ) throws -> Round {
        peer.forgetPeak()
        let profile = try profile(peer)
        defer { profile?.stop() }
        var cpuSeconds: [Double] = []
        var window = window
        window.changed = { cpuSeconds.append(peer.figures.cpuSeconds) }
        let sample = try ClosedLoop(to: peer.address, connections: connections, requests, window)
            .run()
        let after = peer.figures
        return Round(
            perSecond: sample.perSecond, count: sample.count,
            bodyBytesPerSecond: Double(sample.bodyByteCount) * 1e9
                / Double(max(sample.nanoseconds, 1)),
            latencies: sample.latencies, cpuSeconds: cpuSeconds[1] - cpuSeconds[0],
            seconds: Double(sample.nanoseconds) / 1e9, peakByteCount: after.peakByteCount,
            residentByteCount: after.residentByteCount)
    }
}

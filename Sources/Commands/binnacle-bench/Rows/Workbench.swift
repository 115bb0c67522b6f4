// The servers of a run, started when a row first needs them, and how a round is measured.

import Buffers
import Glibc
import JSON

/// A server and one measured run of it.
typealias Contender = (name: String, run: () throws -> Round)

/// What all rows share. Belongs to the main thread.
final class Workbench {
    let options: BenchOptions
    let scratch: Scratch
    let binary: String
    /// What is being measured; profiles are named after it.
    var profileName = ""
    private var profileCounts: [String: Int] = [:]
    private var madeCredentials: Credentials?
    private var shared = SharedServers()
    /// How many folders have been given out under a name.
    private var folderCounts: [String: Int] = [:]

    /// Servers that more than one row uses.
    private struct SharedServers {
        var nginx: Peer?
        var etcd: Peer?
        var writing: Peer?
        var stock: Stock?
    }

    init(_ options: BenchOptions, binary: String, _ scratch: Scratch) {
        self.options = options
        self.binary = binary
        self.scratch = scratch
    }

    // MARK: Servers

    /// What all servers show and all clients believe.
    func credentials() throws -> Credentials {
        if let madeCredentials { return madeCredentials }
        let credentials = try Credentials(binary, scratch)
        madeCredentials = credentials
        return credentials
    }

    /// A binnacle of its own, with nothing in it but a namespace.
    func freshBinnacle(_ name: String, _ flags: [String] = []) throws -> Peer {
        let peer = try startBinnacle(binary, folderName(name), scratch, flags, credentials())
        let caller = try HTTPCaller(peer.address)
        _ = try caller.expect(
            201, .post("/api/v1/namespaces", json: BenchObjects.namespaceBody))
        // The server supplies it a moment later, which is an event that no row wants.
        while try caller.call(.get(BenchObjects.suppliedAccount)).status != 200 {
            usleep(Limits.readinessMicroseconds)
        }
        return peer
    }

    /// The server with one ConfigMap and all pods, for the rows about reading.
    func stock() throws -> Stock {
        if let stock = shared.stock { return stock }
        let stock = try Stock(self, freshBinnacle("reading"))
        shared.stock = stock
        return stock
    }

    func nginx() throws -> Peer {
        if let nginx = shared.nginx { return nginx }
        let nginx = try startNginx(scratch, credentials())
        shared.nginx = nginx
        return nginx
    }

    func etcd() throws -> Peer {
        if let etcd = shared.etcd { return etcd }
        let etcd = try startEtcd(scratch, folderName("etcd"))
        shared.etcd = etcd
        return etcd
    }

    /// The binnacle that rows write to.
    func writing() throws -> Peer {
        if let writing = shared.writing { return writing }
        let writing = try freshBinnacle("writing")
        shared.writing = writing
        return writing
    }

    /// Ends the servers that rows share: the next row that needs one gets a new one. For when a row
    /// has failed, which may have been their fault.
    func endSharedServers() { shared = SharedServers() }

    private func folderName(_ name: String) -> String {
        let count = folderCounts[name, default: 0]
        folderCounts[name] = count + 1
        return count == 0 ? name : "\(name)-\(count + 1)"
    }

    /// Has nginx serve `bytes` at `/name`.
    func publish(_ bytes: Bytes, as name: String) throws {
        _ = try nginx()
        try bytes.withUnsafeBytes { try Scratch.write($0, to: scratch.path("www/\(name)")) }
    }

    // MARK: Rounds

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

    /// Measures `peer` under load for the length of a measurement.
    func round(
        _ peer: Peer, connections: Int, _ requests: some RequestSource, _ wire: Wire = .plain,
        pace: Pace? = nil, seconds: Double? = nil
    ) throws -> Round {
        let length = Duration.nanoseconds(Int64((seconds ?? options.seconds) * 1e9))
        let window = Window(
            warmUp: .milliseconds(300), length: length, pace: pace ?? options.sendingPace)
        let endpoint = try peer.endpoint(wire)
        return try measure(peer, in: window) { window in
            try LoadLoop(to: endpoint, connections: connections, requests, window).run()
        }
    }

    /// Measures `peer` until there are no more requests.
    func exhaust(_ peer: Peer, connections: Int, _ requests: Requests) throws -> Round {
        try measure(peer, in: Window()) { window in
            try LoadLoop(to: peer.address, connections: connections, requests, window).run()
        }
    }

    /// One request again and again.
    func repeating(
        _ request: Request, to peer: Peer, _ connections: Int, _ expectation: ExpectedAnswer,
        _ wire: Wire = .plain
    ) -> Contender {
        let requests = Requests.repeating(request, to: peer.address, expectation)
        return (peer.name, { try self.round(peer, connections: connections, requests, wire) })
    }

    private func measure(
        _ peer: Peer, in window: Window, _ run: (Window) throws -> LoadSample
    ) throws -> Round {
        peer.forgetPeak()
        let profile = try profile(peer)
        defer { profile?.stop() }
        var cpuSeconds: [Double] = []
        var window = window
        window.changed = { cpuSeconds.append(peer.figures.cpuSeconds) }
        let sample = try run(window)
        let after = peer.figures
        return Round(
            perSecond: sample.perSecond, count: sample.count,
            bodyBytesPerSecond: Double(sample.bodyByteCount) * 1e9
                / Double(max(sample.nanoseconds, 1)),
            latencies: sample.latencies, cpuSeconds: cpuSeconds[1] - cpuSeconds[0],
            seconds: Double(sample.nanoseconds) / 1e9, peakByteCount: after.peakByteCount,
            residentByteCount: after.residentByteCount)
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
    static func revision(of endpoint: Endpoint, _ path: String) throws -> UInt64 {
        let list = try HTTPCaller(endpoint).expect(200, .get("\(path)?limit=1")).body
        guard let text = try JSONValue(parsing: list)["metadata"]?["resourceVersion"]?.string,
            let revision = UInt64(text)
        else { throw BenchFailure("a list without resourceVersion") }
        return revision
    }
}

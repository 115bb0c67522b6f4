// Many subscribers that all see every message: binnacle's watchers and long-polls beside nchan's,
// beside etcd's watchers, and beside a bare loop of write(2).

import Buffers

extension Row {
    static let watch = Row(
        "watch",
        "watchers that all see every write, plain and TLS, beside nchan, etcd and a bare loop"
    ) { bench in
        try bench.options.watcherCounts.flatMap { count in
            let plain = try CrowdRow(bench, count, .plain, isPolled: false).measure()
            var secure = try CrowdRow(bench, count, .tls, isPolled: false).measure()
            secure.marks.append(
                Mark(
                    name: "cpu each, more than plain",
                    value: secure.series[0].cpuMicrosecondsEach.median
                        - plain.series[0].cpuMicrosecondsEach.median, unit: "µs",
                    bound: .atMost(3)))
            return [plain, secure]
        }
    }

    static let poll = Row("poll", "the same for long-polls, beside nchan's") { bench in
        try bench.options.watcherCounts.map {
            try CrowdRow(bench, $0, .plain, isPolled: true).measure()
        }
    }
}

/// A row about so many subscribers.
private struct CrowdRow {
    private let bench: Workbench
    private let count: Int
    private let wire: Wire
    private let isPolled: Bool

    private static let roundCount = 3

    init(_ bench: Workbench, _ count: Int, _ wire: Wire, isPolled: Bool) {
        self.bench = bench
        self.count = count
        self.wire = wire
        self.isPolled = isPolled
    }

    private var identifier: String { "\(isPolled ? "poll" : "watch")-\(count)\(wire.suffix)" }

    /// As many deliveries as 1,000 subscribers get, so that more of them do not take longer.
    private var writeCount: Int {
        let writes = bench.options.writes
        return max(min(writes, writes * 1000 / count), Self.roundCount)
    }

    func measure() throws -> RowResult {
        bench.profileName = identifier
        var row = RowResult(
            identifier: identifier,
            title: "\(grouped(count)) \(isPolled ? "long-polls" : "watchers"), "
                + "\(writeCount) messages, each to all, \(wire.rawValue): deliveries")
        let binnacle = try BinnacleBroadcaster(
            bench.freshBinnacle(identifier), wire, isPolled: isPolled)
        let form = try eventForm(binnacle.peer)
        let makers: [() throws -> any Broadcaster] = [
            { binnacle }, { try nchan(form) },
        ]
        var pacedCPU: [String: Double] = [:]
        for maker in makers + others(form) {
            let broadcaster = try maker()
            do {
                pacedCPU[broadcaster.name] = try add(broadcaster, to: &row)
            } catch {
                throw BenchFailure("\(broadcaster.name): \(error)")
            }
        }
        demand(&row, pacedCPU)
        return row
    }

    /// What is compared besides nchan. etcd's gateway is left out where its watchers are too many
    /// for it, and the bare loop where it has nothing to say.
    private func others(_ form: EventForm) -> [() throws -> any Broadcaster] {
        guard !isPolled, wire == .plain else { return [] }
        var others: [() throws -> any Broadcaster] = [{ try writeLoop(form) }]
        if count <= Limits.etcdWatcherCountMax {
            others.append {
                EtcdBroadcaster(peer: try startEtcd(bench.scratch, "etcd-\(identifier)"))
            }
        }
        return others
    }

    /// Measures one of them, and lets it go: all crowds together need too many descriptors.
    /// Returns what a delivery costs it at a fixed rate, in microseconds.
    private func add(
        _ broadcaster: any Broadcaster, to row: inout RowResult
    ) throws -> Double {
        let scene = try BroadcastScene(broadcaster, subscribers: count)
        var series = Series(name: broadcaster.name)
        let profile = try bench.profile(broadcaster.peer)
        for part in 0..<Self.roundCount {
            let writes =
                writeCount * (part + 1) / Self.roundCount - writeCount * part / Self.roundCount
            series.rounds.append(try scene.flood(writes))
        }
        profile?.stop()
        let pace = max(min(bench.options.pace, bench.options.pace * 1000 / count), 1)
        let paced = try scene.pace(pace, seconds: bench.options.seconds)
        try scene.check()
        row.series.append(series)
        row.facts += facts(broadcaster.name, scene, paced, pace)
        if broadcaster is BinnacleBroadcaster, wire == .plain {
            row.marks.append(
                Mark(
                    name: "memory per idle subscriber", value: scene.bytesPerSubscriber / 1024,
                    unit: "KiB", bound: .under(16)))
        }
        broadcaster.peer.stop()
        return paced.cpuMicrosecondsEach
    }

    private func facts(
        _ name: String, _ scene: BroadcastScene, _ paced: Round, _ pace: Int
    ) -> [Fact] {
        var facts = [
            Fact(
                name: "\(name): memory per idle subscriber",
                value: scene.bytesPerSubscriber / 1024, unit: "KiB"),
            Fact(
                name: "\(name): at \(pace) messages/s, cpu each",
                value: paced.cpuMicrosecondsEach, unit: "µs"),
        ]
        // etcd's events carry no moment that could be read without decoding them.
        guard paced.latencies.count > 0 else { return facts }
        for (percentile, fraction) in [("p50", 0.5), ("p99", 0.99)] {
            facts.append(
                Fact(
                    name: "\(name): from due to delivered, \(percentile)",
                    value: Double(paced.latencies.nanoseconds(at: fraction)) / 1e6, unit: "ms"))
        }
        return facts
    }

    /// - Parameter pacedCPU: what a delivery costs at a fixed rate, where no two messages come
    ///   together: there nobody can save by sending several at once.
    private func demand(_ row: inout RowResult, _ pacedCPU: [String: Double]) {
        row.demandRatio(1, of: "nchan")
        guard !isPolled else { return }
        row.demandCPU(atMost: 1, of: "nchan")
        guard wire == .plain else { return }
        row.demandCPU(atMost: 1.3, of: WriteLoopPeer.name)
        guard let own = pacedCPU["binnacle"], let floor = pacedCPU[WriteLoopPeer.name], floor > 0
        else { return }
        row.marks.append(
            Mark(
                name: "cpu each beside \(WriteLoopPeer.name), one message at a time",
                value: own / floor, bound: .atMost(1.3)))
    }

    // MARK: Peers

    /// What binnacle sends for a message, as one that is not part of the row tells.
    private func eventForm(_ peer: Peer) throws -> EventForm {
        let path = BenchObjects.configMaps(in: "default")
        let caller = try HTTPCaller(peer.address)
        let body = StampedWrites.object(0, at: 0)
        let created = try caller.expect(201, .post(path, json: body)).body
        return try EventForm(created)
    }

    private func nchan(_ form: EventForm) throws -> any Broadcaster {
        let peer = try startNchan(bench.scratch, bench.credentials())
        return RelayBroadcaster(
            name: "nchan", peer: peer, subscription: try peer.endpoint(wire),
            way: isPolled ? .poll : .stream(path: NchanPath.stream),
            // 202: none of them is waiting at the moment.
            publishPath: NchanPath.publish, publishStatuses: 201...202, form: form)
    }

    private func writeLoop(_ form: EventForm) throws -> any Broadcaster {
        let peer = try startWriteLoop(bench.scratch)
        return RelayBroadcaster(
            name: WriteLoopPeer.name, peer: peer, subscription: peer.address,
            way: .stream(path: "/"), publishPath: "/", publishStatuses: 200...200, form: form)
    }
}

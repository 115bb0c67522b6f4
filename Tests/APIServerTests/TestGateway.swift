// A whole gateway over a store in memory, on a loopback port that the kernel chooses.

import APIModel
import APIServer
import Buffers
import EventLoops
import HTTPServer
import HTTPTesting
import JSON
import Logging
import Observability
import Resources
import Storage
import SystemCalls
import WatchCache

/// One answer, read from the wire.
struct TestAnswer: Sendable {
    let status: Int
    let head: String
    let body: String

    init(_ text: String) {
        let parts = text.split(
            separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        head = String(parts.first ?? "")
        body = parts.count > 1 ? String(parts[1]) : ""
        status = Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0
    }

    /// The body as JSON; `null` when it is none.
    var json: JSONValue { (try? JSONValue(parsing: Bytes(body))) ?? .null }

    func field(_ name: String) -> String? {
        head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ": ") }
            .map { String($0.dropFirst(name.count + 2)) }
    }
}

/// The gateway under test. The loop's clock stands still unless it is moved.
final class TestGateway: Sendable {
    let address: SocketAddress
    /// Where requests are authenticated. TLS is left out.
    let secureAddress: SocketAddress
    let clock = ManualClock()
    let store: MemoryStore
    let gateway: Gateway
    private let server: Server
    private let group: EventLoopGroup
    private let follower: Task<Void, Never>

    /// The time of day when the loop's clock shows zero: the first of January 2026.
    static let start: Int64 = 1_767_225_600

    static let configMaps = "/api/v1/namespaces/default/configmaps"

    /// - Parameters:
    ///   - store: where other gateways may work, too.
    ///   - shared: what the gateway has of the store, when it is not alone with it.
    ///   - limits: how much of the past the cache keeps in memory.
    ///   - makesDefaultRoles: they are many, and most tests have no use for them.
    ///   - serverLimits: how many connections there may be.
    ///   - readsPast: whether the store is asked for what memory does not have.
    ///   - random: by how much waits are shortened.
    ///   - advertised: where the cluster reaches the gateway.
    ///   - arrange: changes the parts before the gateway is made from them.
    init(
        over store: MemoryStore = MemoryStore(), seenAs shared: SharedStore? = nil,
        limits: WatchCache.Limits = WatchCache.Limits(),
        serverLimits: HTTPServer.Limits = HTTPServer.Limits(),
        readsPast: Bool = true, random: Double = 0, makesDefaultRoles: Bool = false,
        at advertised: AdvertisedAddress? = nil,
        arrange: (inout GatewayParts) -> Void = { _ in }
    ) async throws {
        self.store = store
        let catalog = try Catalog.builtIn()
        let registry = MetricsRegistry()
        let seen: any Store = shared ?? store
        let cache = Cache(
            store: seen, history: readsPast ? store : nil,
            resources: Gateway.descriptions(of: catalog), limits: limits, registry: registry)
        group = try EventLoopGroup(count: 1, clock: clock)
        var log = Logger(label: "test")
        log.logLevel = .critical
        var parts = GatewayParts(
            catalog: catalog, store: seen, cache: cache, loops: group,
            registry: registry, version: ServerVersion(release: "test"), log: log)
        parts.now = { [clock] in
            Timestamp(seconds: Self.start + clock.now.nanoseconds / 1_000_000_000)
        }
        parts.random = { random }
        parts.makesDefaultRoles = makesDefaultRoles
        parts.makesDefaultAccounts = false
        // A machine that is busy with other tests is no store out of reach.
        parts.freshnessWait = .seconds(120)
        arrange(&parts)
        gateway = Gateway(parts)
        server = Server(group: group, handler: gateway, limits: serverLimits)
        address = try server.listen(on: .loopback(port: 0), name: .plainLoopback)
        secureAddress = try server.listen(on: .loopback(port: 0), name: .secure)
        try await cache.load()
        follower = Task { await cache.run() }
        try await gateway.start(at: advertised)
    }

    /// Runs `body` with a gateway, and ends it afterwards, whatever happens.
    static func run(_ body: (TestGateway) async throws -> Void) async throws {
        try await (try await TestGateway()).run(body)
    }

    func run(_ body: (TestGateway) async throws -> Void) async throws {
        do {
            try await body(self)
        } catch {
            await stop()
            throw error
        }
        await stop()
    }

    var connectionCount: Int { server.counters.connectionsOpen }

    /// Ends what lasts, as a server does before it closes its connections.
    func beginToStop() async { await gateway.stop() }

    func stop(keepingStore: Bool = false) async {
        await gateway.stop()
        await server.drain(within: .seconds(5))
        follower.cancel()
        if !keepingStore { await store.close() }
        group.shutDown()
    }

    /// Lets time pass on the loop.
    func advance(seconds: Int64) async {
        clock.advance(seconds: seconds)
        let loop = group.loops[0]
        await withCheckedContinuation { done in
            loop.execute {
                loop.runDueWork()
                done.resume()
            }
        }
    }

    func connect() throws -> Client { try Client(address) }

    /// One request on a connection of its own.
    @discardableResult
    func ask(
        _ method: String, _ target: String, _ body: JSONValue? = nil, fields: [String] = []
    ) async throws -> TestAnswer {
        let client = try connect()
        await client.send(request(method, target, body, fields: fields))
        let answer = TestAnswer(await client.receiveAnswer())
        await client.close()
        return answer
    }

    func get(_ target: String, fields: [String] = []) async throws -> TestAnswer {
        try await ask("GET", target, fields: fields)
    }

    /// Creates a ConfigMap in the namespace `default`.
    @discardableResult
    func create(
        _ name: String, labels: JSONObject = [:], data: JSONObject = [:]
    ) async throws -> TestAnswer {
        try await ask(
            "POST", Self.configMaps,
            [
                "metadata": ["name": .string(name), "labels": .object(labels)],
                "data": .object(data),
            ])
    }

    /// Changes an object by a merge patch.
    @discardableResult
    func merge(_ patch: JSONValue, into target: String) async throws -> TestAnswer {
        try await ask(
            "PATCH", target, patch, fields: ["Content-Type: application/merge-patch+json"])
    }

    func request(
        _ method: String, _ target: String, _ body: JSONValue? = nil, fields: [String] = []
    ) -> String {
        let text = body.map { $0.bytes.description } ?? ""
        var lines = ["\(method) \(target) HTTP/1.1", "Host: localhost"] + fields
        if body != nil { lines.append("Content-Length: \(text.utf8.count)") }
        return lines.joined(separator: "\r\n") + "\r\n\r\n" + text
    }

    /// What `/metrics` shows now.
    func figures() async throws -> TestFigures {
        TestFigures(try await get("/metrics").body)
    }

    /// Asks for the figures until `isMet`; only a broken gateway is asked for ever.
    func wait(until isMet: (TestFigures) -> Bool) async throws {
        while !isMet(try await figures()) { try Task.checkCancellation() }
    }

    /// Opens a watch and reads its head.
    /// - Parameter roomByteCount: what the client's side takes before it reads; the kernel's
    ///   default unless given.
    func watch(_ target: String, roomByteCount: Int? = nil) async throws -> TestWatch {
        let client = try Client(address, roomByteCount: roomByteCount)
        await client.send(request("GET", target))
        return TestWatch(client, head: await client.receive(until: "\r\n\r\n"))
    }
}

/// What `/metrics` showed at one time.
struct TestFigures: Sendable {
    private var values: [Substring: Double] = [:]

    init(_ text: String) {
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.lastIndex(of: " ") else { continue }
            values[line[..<space]] = Double(line[line.index(after: space)...])
        }
    }

    /// The value of a series, written as the server writes it; zero when there is none.
    subscript(_ series: String) -> Double { values[series[...]] ?? 0 }

    /// The value for ConfigMaps.
    func maps(_ name: String, _ more: String = "") -> Double {
        self["\(name){group=\"\",resource=\"configmaps\"\(more.isEmpty ? "" : ",")\(more)}"]
    }

    /// How many watchers of ConfigMaps are in `state`.
    func watchers(_ state: String) -> Double { maps("binnacle_watchers", "state=\"\(state)\"") }
}

/// An open watch, read an event at a time.
struct TestWatch {
    private let client: Client
    let head: String

    init(_ client: Client, head: String) {
        self.client = client
        self.head = head
    }

    /// The next event, or `null` when the stream has ended.
    func next() async -> JSONValue { await nextIfAny() ?? .null }

    /// The size of the next chunk, as it is written: `0` is the end.
    func size() async -> String { await client.receive(until: "\r\n") }

    /// The next event, or `nil` when the stream has ended.
    func nextIfAny() async -> JSONValue? {
        let size = await size()
        guard size != "0\r\n", !size.contains("<closed>") else { return nil }
        let line = await client.receive(until: "\r\n")
        return (try? JSONValue(parsing: Bytes(line))) ?? .null
    }

    /// The types and names of the next events.
    func next(_ count: Int) async -> [String] {
        var events: [String] = []
        for _ in 0..<count {
            let event = await next()
            let name = event[path: "object", "metadata", "name"]?.string ?? ""
            events.append("\(event["type"]?.string ?? "END") \(name)")
        }
        return events
    }

    /// Lets more come at once; see `Client.makeRoom`.
    func makeRoom() async { await client.makeRoom() }

    func close() async { await client.close() }
}

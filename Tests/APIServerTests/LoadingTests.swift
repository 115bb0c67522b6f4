// Before the cache is loaded: an answer for everybody, and never a hang.

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
import StorageTesting
import Synchronization
import SystemCalls
import Testing
import WatchCache

/// A store that lists nothing before its gate is opened.
private final class GatedStore: ForwardingStore {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    let memory = MemoryStore()
    private let state = Mutex(State())

    var waiterCount: Int { state.withLock { $0.waiting.count } }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    var identity: StoreIdentity { memory.identity }

    func reached() async -> any Store {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
        return memory
    }

    func watch(after revision: Revision, _ range: KeyRange) -> EventStream {
        memory.watch(after: revision, range)
    }
}

/// A gateway that listens and has not loaded its cache.
private final class LoadingGateway: Sendable {
    let store = GatedStore()
    let cache: Cache
    let gateway: Gateway
    private let server: Server
    private let group: EventLoopGroup
    private let address: SocketAddress

    init() throws {
        let catalog = try Catalog.builtIn()
        cache = Cache(store: store, resources: Gateway.descriptions(of: catalog))
        group = try EventLoopGroup(count: 1)
        var log = Logger(label: "test")
        log.logLevel = .critical
        gateway = Gateway(
            GatewayParts(
                catalog: catalog, store: store, cache: cache, loops: group,
                registry: MetricsRegistry(), version: ServerVersion(release: "test"), log: log))
        server = Server(group: group, handler: gateway)
        address = try server.listen(on: .loopback(port: 0), name: .plainLoopback)
    }

    func ask(_ method: String, _ target: String, body: String = "") async throws -> TestAnswer {
        let client = try Client(address)
        await client.send(
            "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
        let answer = TestAnswer(await client.receiveAll())
        await client.close()
        return answer
    }

    func stop() async {
        await gateway.stop()
        await server.drain(within: .seconds(5))
        await store.memory.close()
        group.shutDown()
    }
}

@Suite(.timeLimit(.minutes(5))) struct LoadingTests {
    private static let maps = "/api/v1/namespaces/default/configmaps"
    private static let map = #"{"metadata":{"name":"a"},"data":{"x":"1"}}"#

    /// Each way to ask for a resource.
    private static let requests = [
        ("GET", maps), ("GET", maps + "/a"), ("HEAD", maps), ("GET", "/api/v1/configmaps"),
        ("GET", maps + "?watch=true"), ("GET", maps + "?watch=true&resourceVersion=7"),
        ("GET", maps + "?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"),
        ("GET", "/api/v1/watch/configmaps"), ("GET", maps + "?poll=true"),
        ("GET", maps + "?poll=true&resourceVersion=7&timeoutSeconds=60"),
        ("GET", maps + "?limit=5&continue=x"), ("POST", maps), ("PUT", maps + "/a"),
        ("PATCH", maps + "/a"), ("DELETE", maps + "/a"), ("DELETE", maps),
        ("GET", "/apis/apps/v1/namespaces/default/deployments/a/scale"),
        ("PUT", "/api/v1/namespaces/default/pods/a/status"),
        ("GET", "/api/v1/namespaces"), ("GET", "/api/v1/nodes/n"),
        // There may be more groups and kinds than the built-in ones.
        ("GET", "/apis/sea.example/v1/ships"), ("GET", "/apis"), ("GET", "/apis/sea.example"),
        ("GET", "/api/v1/ships"), ("GET", "/openapi/v2"), ("GET", "/openapi/v3"), ("GET", "/x"),
    ]

    @Test func `while the store is slow to list, what needs it is refused for a second`()
        async throws
    {
        let loading = try LoadingGateway()
        let (cache, gateway) = (loading.cache, loading.gateway)
        let load = Task {
            try await cache.load()
            let following = Task { await cache.run() }
            try await gateway.start()
            return following
        }
        while loading.store.waiterCount == 0 { await Task.yield() }
        for (method, target) in Self.requests {
            let body = ["POST", "PUT", "PATCH"].contains(method) ? Self.map : ""
            let answer = try await loading.ask(method, target, body: body)
            #expect(answer.status == 429, "\(method) \(target)")
            #expect(answer.field("Retry-After") == "1", "\(method) \(target)")
            if method != "HEAD" {
                #expect(answer.json["reason"] == "TooManyRequests", "\(method) \(target)")
            }
        }
        let ready = try await loading.ask("GET", "/readyz")
        #expect(ready.status == 503 && ready.body.contains("[-]cache failed: is being loaded"))
        for path in ["/livez", "/healthz", "/version", "/metrics"] {
            #expect(try await loading.ask("GET", path).status == 200, "\(path)")
        }
        loading.store.open()
        let following = try await load.value
        #expect(try await loading.ask("GET", "/readyz").status == 200)
        #expect(try await loading.ask("GET", Self.maps).status == 200)
        #expect(try await loading.ask("POST", Self.maps, body: Self.map).status == 201)
        await loading.stop()
        following.cancel()
        await following.value
    }
}

// What the calls of a client share: endpoints, connections, and who waits for one.

import Buffers
import Crypto
import EventLoops
import HTTPWire
import SystemCalls
import TLS

/// The endpoints and connections of a client. Used on its loop only.
final class Switchboard: @unchecked Sendable {
    // Reason: what changes is used on its loop only.
    let loop: EventLoop
    let endpoints: [Endpoint]
    let limits: Limits
    private let security: Security?
    private var roster: EndpointRoster
    private var shelf: IdleShelf<Connection>
    /// Connections and dials of each endpoint.
    private var openCounts: [Int]
    private var queues: [[Call]]
    private var calls: [ObjectIdentifier: Call] = [:]
    private var connections: [ObjectIdentifier: Connection] = [:]
    private var encryption: (context: TLSContext, client: TLSClient)?
    private var sweep: ScheduledWork?
    private var isClosed = false

    init(
        _ endpoints: [Endpoint], on loop: EventLoop, _ limits: Limits, _ security: Security?
    ) {
        self.endpoints = endpoints
        self.loop = loop
        self.limits = limits
        self.security = security
        roster = EndpointRoster(count: endpoints.count, limits)
        shelf = IdleShelf(endpointCount: endpoints.count, limits)
        openCounts = endpoints.map { _ in 0 }
        queues = endpoints.map { _ in [] }
    }

    // MARK: Calls

    /// Finds an endpoint for a call that has none.
    func place(_ call: Call) {
        guard !isClosed else { return call.end(.closed) }
        calls[ObjectIdentifier(call)] = call
        let order = roster.order(now: loop.now)
        guard let endpoint = order.first(where: { !call.tried.contains($0) }) else {
            return call.noEndpointIsLeft()
        }
        connect(call, to: endpoint)
        probe()
    }

    /// Gives a call a connection to `endpoint`, now or later.
    func connect(_ call: Call, to endpoint: Int) {
        guard !isClosed else { return call.end(.closed) }
        if !call.needsNewConnection, let connection = takeIdle(endpoint) {
            return call.ask(over: connection)
        }
        guard openCounts[endpoint] < limits.connectionCountPerEndpointMax else {
            return enqueue(call, endpoint)
        }
        dial(endpoint, within: call.dialTimeMax, for: call)
    }

    private func enqueue(_ call: Call, _ endpoint: Int) {
        if call.needsNewConnection, let connection = takeIdle(endpoint) {
            // There is room for a new one once an old one is gone.
            connection.close()
            return connect(call, to: endpoint)
        }
        guard queues.reduce(0, { $0 + $1.count }) < limits.waitingCallCountMax else {
            return call.end(.overloaded)
        }
        queues[endpoint].append(call)
        call.isWaiting(for: endpoint)
    }

    func leaveQueue(_ call: Call, _ endpoint: Int) {
        queues[endpoint].removeAll { $0 === call }
    }

    func ended(_ call: Call) { calls[ObjectIdentifier(call)] = nil }

    func write(_ request: Request, to endpoint: Int) -> [Bytes] {
        let endpoint = endpoints[endpoint]
        var buffer = ByteBuffer(reserving: 512)
        request.head.write(
            into: &buffer, prefix: endpoint.prefix, authority: endpoint.authority,
            bodyByteCount: request.body.count)
        let head = buffer.freeze()
        return request.body.isEmpty ? [head] : [head, request.body]
    }

    // MARK: Endpoints

    func worked(_ endpoint: Int) { roster.worked(endpoint) }

    func failed(_ endpoint: Int, _ cause: CallFailure.Cause) {
        if cause == .closed || cause == .timedOut(.end) { return }
        setAside(endpoint)
    }

    func setAside(_ endpoint: Int) {
        roster.failed(endpoint, now: loop.now, jitter: Double.random(in: 0..<1))
        for connection in shelf.removeAll(of: endpoint) { connection.close() }
    }

    var kept: Endpoint? { roster.kept.map { endpoints[$0] } }

    /// Tries endpoints that have rested or were never measured, beside the calls.
    private func probe() {
        while let endpoint = roster.takeProbe(now: loop.now) {
            dial(endpoint, within: TimeLimits().connect, for: nil)
        }
    }

    // MARK: Connections

    private func dial(_ endpoint: Int, within timeMax: Duration, for call: Call?) {
        let encryption: Dial.Encryption?
        do {
            encryption = try self.encryption(for: endpoint)
        } catch {
            call?.isWaiting(for: endpoint)
            call?.end(.encryption(error.description))
            return
        }
        openCounts[endpoint] += 1
        let dial = Dial(endpoints[endpoint], on: loop, encryption, within: timeMax)
        call?.isDialing(dial, to: endpoint)
        let began = loop.now
        dial.start { [self] outcome in
            switch outcome {
            case .success(let stream):
                roster.connected(endpoint, in: loop.now - began)
                let connection = Connection(stream, to: endpoint, encryption?.client, self)
                connections[ObjectIdentifier(connection)] = connection
                guard let call, !call.isEnded else { return becameIdle(connection) }
                call.ask(over: connection)
            case .failure(let error):
                dialEnded(endpoint)
                if call == nil, error.isEndpoints { failed(endpoint, error.cause) }
                call?.attemptFailed(error.cause)
            }
        }
    }

    private func encryption(for endpoint: Int) throws(TLSSetupError) -> Dial.Encryption? {
        let endpoint = endpoints[endpoint]
        guard endpoint.isSecure else { return nil }
        guard let security else { throw TLSSetupError("\(endpoint): no authorities are set") }
        let name = security.serverName ?? endpoint.host
        let context = try security.context()
        if let encryption, encryption.context === context {
            return Dial.Encryption(client: encryption.client, serverName: name)
        }
        let client = TLSClient(context, on: loop)
        encryption = (context, client)
        return Dial.Encryption(client: client, serverName: name)
    }

    /// A dial is over and left no connection.
    func dialEnded(_ endpoint: Int?) {
        guard let endpoint else { return }
        openCounts[endpoint] -= 1
        serveQueue(endpoint)
    }

    private func takeIdle(_ endpoint: Int) -> Connection? {
        while let connection = shelf.take(endpoint, now: loop.now) {
            if isCurrent(connection) { return connection }
            connection.close()
        }
        return nil
    }

    /// Whether new connections would show and believe the same as this one.
    private func isCurrent(_ connection: Connection) -> Bool {
        guard let own = connection.encryption else { return true }
        guard let context = try? security?.context() else { return true }
        return encryption?.client === own && encryption?.context === context
    }

    func becameIdle(_ connection: Connection) {
        guard !isClosed, isCurrent(connection) else { return connection.close() }
        if let call = popWaiting(connection.endpoint) { return call.ask(over: connection) }
        shelf.put(connection, connection.endpoint, now: loop.now)?.close()
        setSweep()
    }

    func closed(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = nil
        shelf.remove(connection, connection.endpoint)
        openCounts[connection.endpoint] -= 1
        serveQueue(connection.endpoint)
    }

    private func serveQueue(_ endpoint: Int) {
        guard !isClosed, let call = popWaiting(endpoint) else { return }
        connect(call, to: endpoint)
    }

    private func popWaiting(_ endpoint: Int) -> Call? {
        queues[endpoint].isEmpty ? nil : queues[endpoint].removeFirst()
    }

    private func setSweep() {
        guard sweep == nil, let expiry = shelf.nextExpiry else { return }
        sweep = loop.schedule(at: expiry) { [weak self] in
            guard let self else { return }
            sweep = nil
            for connection in shelf.removeExpired(now: loop.now) { connection.close() }
            setSweep()
        }
    }

    // MARK: The end

    /// Closes what is idle; calls in progress go on.
    func retire() {
        isClosed = true
        sweep?.cancel()
        sweep = nil
        for connection in shelf.removeAll() { connection.close() }
    }

    func close() {
        retire()
        for call in calls.values { call.end(.closed) }
        for connection in connections.values { connection.close() }
    }
}

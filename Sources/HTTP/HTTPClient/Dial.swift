// From an endpoint to a stream: name, socket, encryption.

import Crypto
import Dispatch
import EventLoops
import SystemCalls
import TLS

/// One attempt to reach an endpoint. Used on its loop only.
public final class Dial: ByteStreamHandler, @unchecked Sendable {
    // Reason: used on its loop only.
    public typealias Outcome = Result<any ByteStream, DialError>

    /// Why there is no stream.
    public struct DialError: Error {
        public let cause: CallFailure.Cause
        /// Whether the trouble is the endpoint's; else it is this process's own.
        var isEndpoints = true
    }

    /// What a stream is encrypted with, and whom it must be to.
    struct Encryption {
        let client: TLSClient
        let serverName: String
    }

    private enum Phase {
        case lookingUp
        case connecting(StreamSocket)
        case shakingHands(TLSStream)
        case done
    }

    /// An attempt without encryption, whatever the endpoint says.
    public convenience init(
        plainly endpoint: Endpoint, on loop: EventLoop, within timeMax: Duration
    ) {
        self.init(endpoint, on: loop, nil, within: timeMax)
    }

    private let endpoint: Endpoint
    private let loop: EventLoop
    private let encryption: Encryption?
    private var completion: ((Outcome) -> Void)?
    private var phase = Phase.lookingUp
    private var addresses: [SocketAddress] = []
    private var timer: ScheduledWork?
    private let timeMax: Duration

    init(
        _ endpoint: Endpoint, on loop: EventLoop, _ encryption: Encryption?,
        within timeMax: Duration
    ) {
        self.endpoint = endpoint
        self.loop = loop
        self.encryption = encryption
        self.timeMax = timeMax
    }

    /// - Parameter completion: called once, on the loop, unless the dial is cancelled before.
    public func start(_ completion: @escaping (Outcome) -> Void) {
        self.completion = completion
        timer = loop.schedule(after: timeMax) { [self] in
            end(.failure(DialError(cause: .timedOut(.connection))))
        }
        if let address = SocketAddress(host: endpoint.host, port: endpoint.port) {
            addresses = [address]
            return connectNext(nil)
        }
        DispatchQueue.global().async { [self, endpoint, loop] in
            let found = Result { () throws(HostLookupError) in
                try SocketAddress.lookUp(host: endpoint.host, port: endpoint.port)
            }
            loop.execute { [self] in lookedUp(found) }
        }
    }

    /// Nothing comes of it any more.
    public func cancel() { end(nil) }

    private func lookedUp(_ found: Result<[SocketAddress], HostLookupError>) {
        guard case .lookingUp = phase else { return }
        switch found {
        case .success(let addresses):
            // The first one is tried last.
            self.addresses = addresses.reversed()
            connectNext(nil)
        case .failure(let error): end(.failure(DialError(cause: .lookup(error))))
        }
    }

    /// Tries the addresses one after the other.
    private func connectNext(_ failure: SystemError?) {
        guard let address = addresses.popLast() else {
            guard let failure else { preconditionFailure("a host without addresses") }
            let isEndpoints = !failure.isLackOfResources
            return end(.failure(DialError(cause: .connect(failure), isEndpoints: isEndpoints)))
        }
        do {
            let socket = try StreamSocket(Descriptor.connecting(to: address), on: loop)
            phase = .connecting(socket)
            socket.handler = self
        } catch {
            connectNext(error)
        }
    }

    public func streamBecameReady(_ readiness: Readiness) {
        switch phase {
        case .connecting(let socket):
            if let error = socket.connectError() {
                socket.close()
                return connectNext(error)
            }
            if !readiness.isDisjoint(with: [.writable, .broken]) { connected(socket) }
        case .shakingHands(let stream):
            if readiness.contains(.broken) {
                let why = stream.failure?.description ?? "the server ended the handshake"
                return end(.failure(DialError(cause: .encryption(why))))
            }
            if readiness.contains(.writable) { hand(over: stream) }
        case .lookingUp, .done: break
        }
    }

    public func streamWillEnd() { end(.failure(DialError(cause: .closed, isEndpoints: false))) }

    private func connected(_ socket: StreamSocket) {
        guard let encryption else { return hand(over: socket) }
        do {
            let stream = try encryption.client.stream(over: socket, to: encryption.serverName)
            phase = .shakingHands(stream)
            stream.handler = self
            // What the socket reported was reported to this.
            socket.deliverAgain(.writable)
        } catch {
            end(.failure(DialError(cause: .encryption(error.description), isEndpoints: false)))
        }
    }

    private func hand(over stream: any ByteStream) {
        phase = .done
        stream.handler = nil
        finish(.success(stream))
    }

    private func end(_ outcome: Outcome?) {
        switch phase {
        case .connecting(let socket): socket.close()
        case .shakingHands(let stream): stream.close()
        case .lookingUp: break
        case .done: return
        }
        phase = .done
        finish(outcome)
    }

    private func finish(_ outcome: Outcome?) {
        timer?.cancel()
        timer = nil
        let completion = completion
        self.completion = nil
        if let outcome { completion?(outcome) }
    }
}

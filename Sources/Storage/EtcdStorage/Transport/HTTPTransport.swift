// The gateway's requests over HTTP/1.1.

import Buffers
import EventLoops
import HTTPClient
import HTTPWire
import Synchronization

/// Carries requests to the members, each by a client of its own: which one is asked is decided
/// above.
final class HTTPTransport: Transport {
    let endpoints: [String]
    private let clients: [Client]
    private let connectLimit: Duration

    init(
        _ endpoints: [Endpoint], on loop: EventLoop, security: Security?, connectLimit: Duration
    ) {
        self.endpoints = endpoints.map(\.description)
        self.connectLimit = connectLimit
        clients = endpoints.map { Client([$0], on: loop, security: security) }
    }

    func answer(
        to call: Call, from member: Int, within duration: Duration
    ) async throws(TransportFailure) -> Reply {
        var request = request(call)
        request.times.connect = min(connectLimit, duration)
        request.times.firstByte = duration
        request.times.whole = duration
        request.responseByteCountMax = Limits.answerByteCountMax
        do throws(CallFailure) {
            let response = try await clients[member].send(request)
            return Reply(status: response.status.code, body: response.body)
        } catch {
            throw TransportFailure(error)
        }
    }

    func stream(
        _ call: Call, from member: Int, within duration: Duration
    ) async throws(TransportFailure) -> any LineSource {
        var request = request(call)
        request.times = .stream(idle: nil)
        request.times.connect = min(connectLimit, duration)
        request.times.firstByte = duration
        do throws(CallFailure) {
            let response = try await clients[member].open(request)
            guard response.status == .ok else {
                let body = try await response.collect(Limits.refusalByteCountMax)
                let reason = (try? RefusalAnswer(body).message) ?? "answers \(response.status.code)"
                throw CallFailure(.invalidRequest(reason), .uncertain, at: response.endpoint)
            }
            return ResponseLines(response)
        } catch {
            throw TransportFailure(error)
        }
    }

    private func request(_ call: Call) -> Request {
        var fields = FieldLines()
        fields.add("Content-Type", literal: "application/json")
        var request = Request(.post, call.path, fields: fields, body: call.body)
        request.isRepeatable = call.isRepeatable
        return request
    }

    func close() async { for client in clients { client.close() } }
}

extension TransportFailure {
    init(_ failure: CallFailure) {
        self.init(
            reason: "etcd: \(failure)\(Self.advice(failure.cause))",
            mayHaveReached: failure.execution == .uncertain)
    }

    /// What an operator can do about certificates: TLS only says that they do not fit.
    private static func advice(_ cause: CallFailure.Cause) -> String {
        guard case .encryption(let why) = cause else { return "" }
        if why.contains("alert") {
            return """
                 (the member wants a certificate from us that its --trusted-ca-file has signed: \
                see --etcd-cert)
                """
        }
        return """
             (the member's certificate must be for this address, and an authority of \
            --etcd-cacert must have signed it)
            """
    }
}

/// The lines of a response.
private final class ResponseLines: LineSource {
    private let response: IncomingResponse
    private let splitter = Mutex(LineSplitter())

    init(_ response: IncomingResponse) { self.response = response }

    func next() async throws(TransportFailure) -> Bytes? {
        while true {
            if let line = splitter.withLock({ $0.next() }) { return line }
            guard let piece = try await nextPiece() else { return nil }
            let byteCount = splitter.withLock { splitter in
                splitter.append(piece)
                return splitter.byteCount
            }
            guard byteCount <= Limits.watchLineByteCountMax else {
                throw TransportFailure(
                    reason: "a line of \(byteCount) bytes from \(response.endpoint)",
                    mayHaveReached: true)
            }
        }
    }

    private func nextPiece() async throws(TransportFailure) -> Bytes? {
        do throws(CallFailure) { return try await response.next() } catch {
            throw TransportFailure(error)
        }
    }

    func cancel() { response.cancel() }
}

// A way to a member that ends at a bad moment.

import Dispatch
import Glibc
import Synchronization

/// Passes connections on to a port of this machine, and ends one when a certain request comes.
public final class CuttingProxy: Sendable {
    /// When a connection ends.
    public enum Cut: Hashable, Sendable, CaseIterable {
        /// The request does not arrive.
        case beforeRequest
        /// The request arrives, and is carried out; its answer is lost.
        case beforeAnswer
    }

    private struct State {
        var armed: (cut: Cut, text: [UInt8])?
        var cutCount = 0
        /// Nobody gets through any more.
        var isClosed = false
        var isStopped = false
    }

    public let port: UInt16
    private let target: UInt16
    private let listener: CInt
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "cutting-proxy", attributes: .concurrent)

    public init(to target: UInt16) throws {
        self.target = target
        listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        port = try LoopbackSocket.bind(listener)
        guard listen(listener, 64) == 0 else { throw EtcdFailure("cannot listen: errno \(errno)") }
        queue.async { [self] in accept() }
    }

    /// Ends the connection on which the next request with `text` in its head comes.
    public func cut(_ cut: Cut, next text: String) {
        state.withLock { $0.armed = (cut, Array(text.utf8)) }
    }

    /// Lets no new connection through until `open`.
    public func close() { state.withLock { $0.isClosed = true } }
    public func open() { state.withLock { $0.isClosed = false } }

    /// How many connections have been cut.
    public var cutCount: Int { state.withLock { $0.cutCount } }

    /// Takes no more connections.
    public func stop() {
        state.withLock { $0.isStopped = true }
        shutdown(listener, CInt(SHUT_RDWR))
    }

    private func accept() {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            let (isClosed, isStopped) = state.withLock { ($0.isClosed, $0.isStopped) }
            if isStopped { break }
            guard client >= 0 else { continue }
            guard !isClosed, let server = LoopbackSocket.connect(to: target) else {
                Glibc.close(client)
                continue
            }
            pass(Passage(client: client, server: server))
        }
        Glibc.close(listener)
    }

    private func pass(_ passage: Passage) {
        queue.async { [self] in
            passage.copy(from: passage.client, to: passage.server) { piece in
                guard let cut = cut(for: piece) else { return true }
                passage.losesAnswer.store(true, ordering: .sequentiallyConsistent)
                return cut == .beforeAnswer
            }
        }
        queue.async {
            passage.copy(from: passage.server, to: passage.client) { _ in
                !passage.losesAnswer.load(ordering: .sequentiallyConsistent)
            }
        }
    }

    private func cut(for piece: ArraySlice<UInt8>) -> Cut? {
        state.withLock { state in
            guard let armed = state.armed, !piece.ranges(of: armed.text).isEmpty else {
                return nil
            }
            state.armed = nil
            state.cutCount += 1
            return armed.cut
        }
    }
}

/// Two connections that belong together. Both are closed when both directions have ended.
private final class Passage: Sendable {
    let client: CInt
    let server: CInt
    let losesAnswer = Atomic(false)
    private let endedCount = Atomic(0)

    init(client: CInt, server: CInt) {
        self.client = client
        self.server = server
    }

    /// Copies until an end comes, or until `mayPass` says no.
    func copy(from source: CInt, to target: CInt, _ mayPass: (ArraySlice<UInt8>) -> Bool) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(source, &buffer, buffer.count, 0)
            guard count > 0, mayPass(buffer[..<count]), sendAll(buffer[..<count], to: target) else {
                break
            }
        }
        for descriptor in [client, server] { shutdown(descriptor, CInt(SHUT_RDWR)) }
        if endedCount.add(1, ordering: .sequentiallyConsistent).newValue == 2 {
            for descriptor in [client, server] { close(descriptor) }
        }
    }

    private func sendAll(_ piece: ArraySlice<UInt8>, to target: CInt) -> Bool {
        piece.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = send(
                    target, bytes.baseAddress! + sent, bytes.count - sent,
                    CInt(MSG_NOSIGNAL))
                guard count > 0 else { return false }
                sent += count
            }
            return true
        }
    }
}

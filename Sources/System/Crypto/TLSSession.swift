// One side of a TLS connection, without its socket.

import Buffers
import COpenSSL
import Glibc
import Synchronization

/// One side of a TLS connection (RFC 8446, RFC 5246). It reads ciphertext from a workspace and
/// leaves ciphertext there, which must be sent in order after each call, also after a failed one:
/// an alert may be in it. Used on the workspace's loop only. Holds no buffers while idle.
public final class TLSSession: @unchecked Sendable {
    // Reason: used on one loop only.
    private let ssl: OpaquePointer
    private let context: TLSContext
    private let workspace: TLSWorkspace
    private var isBroken = false

    /// The server's side of a new connection.
    /// - Throws: `TLSFailure` for lack of memory.
    /// - Precondition: `context` is a server's.
    public convenience init(
        server context: TLSContext, _ workspace: TLSWorkspace
    ) throws(TLSFailure) {
        precondition(context.role == .server, "the context is a client's")
        try self.init(context, workspace)
        SSL_set_accept_state(ssl)
    }

    /// The client's side of a new connection.
    /// - Parameters:
    ///   - name: the server's host name or IP address, which its certificate must be good for.
    ///   - ticket: what an earlier session with this server left.
    /// - Throws: `TLSFailure` for lack of memory, or when `name` is neither.
    /// - Precondition: `context` is a client's.
    public convenience init(
        client context: TLSContext, of name: String, resuming ticket: TLSTicket? = nil,
        _ workspace: TLSWorkspace
    ) throws(TLSFailure) {
        precondition(context.role == .client, "the context is a server's")
        try self.init(context, workspace)
        SSL_set_connect_state(ssl)
        if let ticket { SSL_set_session(ssl, ticket.pointer) }
        let rules = SSL_get0_param(ssl)
        // An address is no server name (RFC 6066, 3).
        if X509_VERIFY_PARAM_set1_ip_asc(rules, name) == 1 { return }
        TLSErrorQueue.clear()
        guard X509_VERIFY_PARAM_set1_host(rules, name, 0) == 1,
            copenssl_tls_set_server_name(ssl, name) == 1
        else { throw TLSErrorQueue.take() }
    }

    private init(_ context: TLSContext, _ workspace: TLSWorkspace) throws(TLSFailure) {
        TLSErrorQueue.clear()
        guard let ssl = SSL_new(context.contexts[0].pointer) else { throw TLSErrorQueue.take() }
        guard let lane = BIO_new(TLSLaneMethod.method) else {
            SSL_free(ssl)
            throw TLSErrorQueue.take()
        }
        BIO_set_data(lane, workspace.lane)
        // Takes over the one reference, for reading and writing.
        SSL_set_bio(ssl, lane, lane)
        self.ssl = ssl
        self.context = context
        self.workspace = workspace
        context.sessions.wrappingAdd(1, ordering: .relaxed)
    }

    deinit {
        // Else OpenSSL would hold a connection that was merely cut off against its ticket.
        if !isBroken { SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN) }
        SSL_free(ssl)
        context.sessions.wrappingSubtract(1, ordering: .relaxed)
    }

    // MARK: The handshake

    /// How far a handshake is.
    public enum Progress {
        case done, needsInput
        case failed(TLSFailure)
    }

    /// Goes on with the handshake as far as the input allows.
    public func shakeHands() -> Progress {
        TLSErrorQueue.clear()
        let result = SSL_do_handshake(ssl)
        if result == 1 { return .done }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .needsInput
        default: return .failed(failure())
        }
    }

    /// Whether ciphertext was made that did not fit: to be sent, and the call made again.
    public var wantsToSend: Bool { SSL_want(ssl) == SSL_WRITING }

    /// Whether a ticket spared the certificates.
    public var isResumed: Bool { SSL_session_reused(ssl) == 1 }

    /// `TLSv1.3` or `TLSv1.2`.
    public var version: String { String(cString: SSL_get_version(ssl)) }

    /// The application protocol that was agreed on.
    public var applicationProtocol: String? {
        var start: UnsafePointer<UInt8>?
        var count: CUnsignedInt = 0
        SSL_get0_alpn_selected(ssl, &start, &count)
        guard let start, count > 0 else { return nil }
        return String(
            decoding: UnsafeBufferPointer(start: start, count: Int(count)), as: UTF8.self)
    }

    /// What the peer showed, and why it is not believed, if it is not.
    public var peer: (certificate: TLSPeerCertificate, refusal: TLSPeerRefusal?)? {
        guard let certificate = SSL_get0_peer_certificate(ssl) else { return nil }
        guard let read = TLSPeerCertificate(certificate) else { return nil }
        return (read, TLSPeerRefusal(code: SSL_get_verify_result(ssl)))
    }

    /// How many certificates the peer showed; a server does not count its client's own.
    public var peerChainCount: Int {
        SSL_get_peer_cert_chain(ssl).map { Int(OPENSSL_sk_num($0)) } ?? 0
    }

    /// What a client may resume later; a server of TLS 1.3 hands it out after the handshake.
    public var ticket: TLSTicket? {
        guard let session = SSL_get1_session(ssl) else { return nil }
        let ticket = TLSTicket(takingOwnership: session)
        return SSL_SESSION_is_resumable(session) == 1 ? ticket : nil
    }

    // MARK: Data

    /// What came of reading.
    public enum Reading {
        case bytes(Int)
        case needsInput
        /// The peer has said that nothing more comes (RFC 8446, 6.1).
        case closed
        case failed(TLSFailure)
    }

    /// Reads plaintext, of one record at most.
    public func read(into buffer: UnsafeMutableRawBufferPointer) -> Reading {
        TLSErrorQueue.clear()
        var count = 0
        let result = SSL_read_ex(ssl, buffer.baseAddress, buffer.count, &count)
        if result == 1 { return .bytes(count) }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .needsInput
        case SSL_ERROR_ZERO_RETURN: return .closed
        default: return .failed(failure())
        }
    }

    /// Whether plaintext is here that was not read.
    public var hasPlaintext: Bool { SSL_pending(ssl) > 0 }

    /// Whether a record has begun that is not here whole.
    public var isInsideRecord: Bool { SSL_has_pending(ssl) == 1 }

    /// Makes one record of the start of `buffer`.
    /// - Returns: how many bytes went into it: all of them, unless the peer asked for short records
    ///   (RFC 6066, 4).
    /// - Throws: why the session cannot go on.
    /// - Precondition: at most `TLSLimits.recordByteCountMax` bytes, at least one, and the
    ///   workspace has room for a record.
    public func write(_ buffer: UnsafeRawBufferPointer) throws(TLSFailure) -> Int {
        assert(workspace.hasRoomForRecord, "no room for a record")
        TLSErrorQueue.clear()
        var count = 0
        guard SSL_write_ex(ssl, buffer.baseAddress, buffer.count, &count) == 1 else {
            throw failure()
        }
        return count
    }

    /// Says that nothing more comes. Does nothing before the handshake is done, or after a failure.
    public func finishWriting() {
        guard !isBroken, SSL_is_init_finished(ssl) == 1 else { return }
        TLSErrorQueue.clear()
        SSL_shutdown(ssl)
        TLSErrorQueue.clear()
    }

    private func failure() -> TLSFailure {
        isBroken = true
        return TLSErrorQueue.take()
    }
}

/// What an earlier session left, to be resumed.
public final class TLSTicket: @unchecked Sendable {
    // Reason: OpenSSL counts references atomically; nothing changes.
    let pointer: OpaquePointer

    init(takingOwnership pointer: OpaquePointer) { self.pointer = pointer }

    deinit { SSL_SESSION_free(pointer) }
}

// What sessions are made from: certificates, authorities, ciphers, and OpenSSL's questions.

import Buffers
import COpenSSL
import Synchronization

/// The settings of sessions in OpenSSL's form. Never changes, so that all loops share one; for new
/// certificates there is a new context, and older sessions keep theirs.
public final class TLSContext: @unchecked Sendable {
    // Reason: nothing changes after `init`; OpenSSL counts references to contexts atomically.
    /// One for each certificate; a session moves to another one when the client names a server.
    let contexts: [SSLContextOwner]
    let role: TLSRole
    let ticketKeys: TLSTicketKeys?
    let protocols: TLSProtocolList
    private let leaves: [TLSX509]
    let sessions = Atomic<Int>(0)

    /// The sessions made from this that are not freed yet.
    public var sessionCount: Int { sessions.load(ordering: .relaxed) }

    /// A server's side.
    /// - Throws: `TLSSetupError` when a certificate, a key or an authority cannot be used.
    /// - Precondition: there is at least one certificate.
    public init(server settings: TLSServerSettings) throws(TLSSetupError) {
        precondition(!settings.certificates.isEmpty, "no certificate")
        role = .server
        ticketKeys = settings.ticketKeys
        protocols = TLSProtocolList([settings.applicationProtocol])
        let authorities = try settings.clientAuthorities.map { pem throws(TLSSetupError) in
            try TLSPEM.certificates(pem, "the client authorities")
        }
        var contexts: [SSLContextOwner] = []
        var leaves: [TLSX509] = []
        for certificate in settings.certificates {
            let context = try SSLContextOwner(.server, .all)
            leaves.append(try context.use(certificate))
            if let authorities { try context.askForCertificates(from: authorities) }
            contexts.append(context)
        }
        self.contexts = contexts
        self.leaves = leaves
        let reference = Unmanaged.passUnretained(self).toOpaque()
        for context in contexts { TLSCallbacks.install(on: context.pointer, reference) }
        if contexts.count > 1 {
            TLSCallbacks.installNameSelection(on: contexts[0].pointer, reference)
        }
    }

    /// A client's side.
    /// - Throws: `TLSSetupError` when a certificate, a key or an authority cannot be used.
    public init(client settings: TLSClientSettings) throws(TLSSetupError) {
        role = .client
        ticketKeys = nil
        leaves = []
        protocols = TLSProtocolList(settings.applicationProtocols)
        let context = try SSLContextOwner(.client, settings.versions)
        if let pem = settings.authorities {
            try context.trust(try TLSPEM.certificates(pem, "the authorities"))
        } else {
            try context.trustSystem()
        }
        if let certificate = settings.certificate { _ = try context.use(certificate) }
        let mode = settings.verifiesServer ? SSL_VERIFY_PEER : SSL_VERIFY_NONE
        SSL_CTX_set_verify(context.pointer, mode, nil)
        if !settings.applicationProtocols.isEmpty {
            let length = CUnsignedInt(protocols.wire.count)
            _ = SSL_CTX_set_alpn_protos(context.pointer, protocols.wire.baseAddress, length)
        }
        contexts = [context]
    }

    /// The context whose certificate is good for `name`.
    func context(forServer name: UnsafePointer<CChar>) -> OpaquePointer? {
        for (leaf, context) in zip(leaves, contexts)
        where X509_check_host(leaf.pointer, name, 0, 0, nil) == 1 {
            return context.pointer
        }
        return nil
    }
}

/// Which side of a session.
enum TLSRole { case server, client }

/// Names of application protocols as ALPN writes them: each with its length before it
/// (RFC 7301, 3.1). At one address, since OpenSSL hands pointers into it on.
final class TLSProtocolList {
    let wire: UnsafeMutableBufferPointer<UInt8>

    /// - Precondition: a name has 1 to 255 bytes.
    init(_ names: [String]) {
        var bytes: [UInt8] = []
        for name in names {
            let utf8 = Array(name.utf8)
            precondition((1...255).contains(utf8.count), "a protocol's name: \(name)")
            bytes += [UInt8(utf8.count)] + utf8
        }
        wire = .allocate(capacity: bytes.count)
        _ = wire.initialize(fromContentsOf: bytes)
    }

    deinit { wire.deallocate() }
}

/// The owner of an `SSL_CTX`.
final class SSLContextOwner {
    let pointer: OpaquePointer
    private let role: TLSRole

    init(_ role: TLSRole, _ versions: TLSVersions) throws(TLSSetupError) {
        self.role = role
        TLSErrorQueue.clear()
        let method = role == .server ? TLS_server_method() : TLS_client_method()
        guard let pointer = SSL_CTX_new(method) else {
            throw TLSSetupError("no context", TLSErrorQueue.take())
        }
        self.pointer = pointer
        copenssl_tls_set_options(pointer)
        copenssl_tls_set_modes(pointer)
        copenssl_tls_keep_no_sessions(pointer)
        let lowest = versions == .tls13Only ? TLS1_3_VERSION : TLS1_2_VERSION
        let highest = versions == .tls12Only ? TLS1_2_VERSION : TLS1_3_VERSION
        // One ticket is enough for a client that has one connection or few.
        guard copenssl_tls_set_versions(pointer, lowest, highest) == 1,
            SSL_CTX_set_ciphersuites(pointer, Self.ciphers13) == 1,
            SSL_CTX_set_cipher_list(pointer, Self.ciphers12) == 1,
            copenssl_tls_set_groups(pointer, "X25519:P-256:P-384") == 1,
            SSL_CTX_set_num_tickets(pointer, 1) == 1
        else { throw TLSSetupError("ciphers or versions", TLSErrorQueue.take()) }
    }

    deinit { SSL_CTX_free(pointer) }

    /// AES with 128 bits first: it is as good against what can be tried, and faster.
    private static let ciphers13 =
        "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
    /// With forward secrecy and authenticated encryption only (RFC 9325, 4.2).
    private static let ciphers12 = """
        ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:\
        ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:\
        ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305
        """

    /// Shows `certificate` to peers.
    /// - Returns: the certificate itself, without its issuers.
    func use(_ certificate: TLSCertificate) throws(TLSSetupError) -> TLSX509 {
        let chain = try TLSPEM.certificates(certificate.chain, "the certificate")
        let key = try TLSPEM.key(certificate.key, "the private key")
        TLSErrorQueue.clear()
        guard SSL_CTX_use_certificate(pointer, chain[0].pointer) == 1 else {
            throw TLSSetupError("the certificate cannot be used", TLSErrorQueue.take())
        }
        guard SSL_CTX_use_PrivateKey(pointer, key.pointer) == 1,
            SSL_CTX_check_private_key(pointer) == 1
        else {
            throw TLSSetupError("the private key is not the certificate's", TLSErrorQueue.take())
        }
        for issuer in chain.dropFirst()
        where copenssl_tls_add_to_chain(pointer, issuer.pointer) != 1 {
            throw TLSSetupError("the certificate's issuers", TLSErrorQueue.take())
        }
        return chain[0]
    }

    /// Believes what `authorities` have signed; each is an anchor, also when another one signed it.
    func trust(_ authorities: [TLSX509]) throws(TLSSetupError) {
        TLSErrorQueue.clear()
        guard let store = SSL_CTX_get_cert_store(pointer) else {
            throw TLSSetupError("no store", TLSErrorQueue.take())
        }
        for authority in authorities where X509_STORE_add_cert(store, authority.pointer) != 1 {
            throw TLSSetupError("an authority cannot be used", TLSErrorQueue.take())
        }
        X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
    }

    func trustSystem() throws(TLSSetupError) {
        TLSErrorQueue.clear()
        guard SSL_CTX_set_default_verify_paths(pointer) == 1 else {
            throw TLSSetupError("the system's authorities", TLSErrorQueue.take())
        }
    }

    /// Asks clients for certificates, and tells them from whom.
    func askForCertificates(from authorities: [TLSX509]) throws(TLSSetupError) {
        try trust(authorities)
        for authority in authorities where SSL_CTX_add_client_CA(pointer, authority.pointer) != 1 {
            throw TLSSetupError("an authority's name", TLSErrorQueue.take())
        }
        SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
        // Needed with certificates of clients (SSL_CTX_set_session_id_context(3)).
        let scope: [UInt8] = Array("binnacle".utf8)
        SSL_CTX_set_session_id_context(pointer, scope, CUnsignedInt(scope.count))
    }
}

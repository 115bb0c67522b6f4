// What OpenSSL asks a server during a handshake.

import COpenSSL

/// OpenSSL's questions, answered from the context whose reference they carry. A session keeps its
/// context alive, so a reference is good while OpenSSL can ask.
enum TLSCallbacks {
    /// - Parameter reference: an unretained `TLSContext`.
    static func install(on context: OpaquePointer, _ reference: UnsafeMutableRawPointer) {
        SSL_CTX_set_ex_data(context, 0, reference)
        SSL_CTX_set_alpn_select_cb(context, selectProtocol, reference)
        SSL_CTX_set_cert_verify_callback(context, verifyClient, nil)
        SSL_CTX_set_tlsext_ticket_key_evp_cb(context, prepareTicket)
        SSL_CTX_set_session_ticket_cb(context, { _, _ in 1 }, judgeTicket, nil)
    }

    static func installNameSelection(
        on context: OpaquePointer, _ reference: UnsafeMutableRawPointer
    ) {
        copenssl_tls_set_name_callback(context, selectServer, reference)
    }

    private static func context(_ reference: UnsafeMutableRawPointer) -> TLSContext {
        Unmanaged<TLSContext>.fromOpaque(reference).takeUnretainedValue()
    }

    // MARK: What is spoken, and as whom

    /// RFC 7301, 3.2: a client that offers nothing which is spoken here gets the alert
    /// no_application_protocol. One that speaks HTTP/2 alone could not read the answer anyway.
    private static let selectProtocol: SSL_CTX_alpn_select_cb_func = {
        _, selected, selectedCount, offered, offeredCount, reference in
        guard let reference, let selected, let offered else { return SSL_TLSEXT_ERR_ALERT_FATAL }
        let spoken = context(reference).protocols.wire
        var found: UnsafeMutablePointer<UInt8>?
        let outcome = SSL_select_next_proto(
            &found, selectedCount, spoken.baseAddress, CUnsignedInt(spoken.count), offered,
            offeredCount)
        guard outcome == OPENSSL_NPN_NEGOTIATED else { return SSL_TLSEXT_ERR_ALERT_FATAL }
        selected.pointee = UnsafePointer(found)
        return SSL_TLSEXT_ERR_OK
    }

    private static let selectServer:
        @convention(c) (
            OpaquePointer?, UnsafeMutablePointer<CInt>?, UnsafeMutableRawPointer?
        ) -> CInt = { session, _, reference in
            guard let session, let reference,
                let name = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name)
            else { return SSL_TLSEXT_ERR_NOACK }
            guard let chosen = context(reference).context(forServer: name) else {
                // RFC 6066, 3: going on with another certificate is allowed; the client decides.
                return SSL_TLSEXT_ERR_NOACK
            }
            return SSL_set_SSL_CTX(session, chosen) == nil
                ? SSL_TLSEXT_ERR_ALERT_FATAL : SSL_TLSEXT_ERR_OK
        }

    // MARK: Clients' certificates

    /// Verifies and goes on whatever comes of it: the answer to a certificate that is not believed
    /// is 401 with a reason, not a handshake that fails without one. `SSL_get_verify_result` keeps
    /// what was found.
    private static let verifyClient:
        @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> CInt = { store, _ in
            guard let store else { return 0 }
            let isBelieved = X509_verify_cert(store) == 1
            if !isBelieved, X509_STORE_CTX_get_error(store) == X509_V_OK {
                X509_STORE_CTX_set_error(store, X509_V_ERR_UNSPECIFIED)
            }
            TLSErrorQueue.clear()
            return 1
        }

    // MARK: Tickets

    private static let prepareTicket:
        @convention(c) (
            OpaquePointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<UInt8>?,
            OpaquePointer?, OpaquePointer?, CInt
        ) -> CInt = { session, name, vector, cipher, mac, isSealing in
            guard let reference = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(session), 0),
                let keys = context(reference).ticketKeys,
                let name, let vector, let cipher, let mac
            else { return -1 }
            let ticket = TLSTicketKeys.Ticket(name: name, vector: vector, cipher: cipher, mac: mac)
            return keys.prepare(ticket, isSealing: isSealing == 1)
        }

    /// A client that has shown a certificate proves itself anew each time: an authority that is no
    /// longer trusted, or a certificate that has expired, must not live on in a ticket. The
    /// generated Kubernetes clients keep no tickets anyway. It still gets one: a client's last
    /// flight that nothing answers is acknowledged late, and holds up the request behind it.
    private static let judgeTicket: SSL_CTX_decrypt_session_ticket_fn = {
        _, session, _, _, status, _ in
        switch status {
        case SSL_TICKET_SUCCESS, SSL_TICKET_SUCCESS_RENEW:
            if SSL_SESSION_get0_peer(session) != nil { return SSL_TICKET_RETURN_IGNORE_RENEW }
            return status == SSL_TICKET_SUCCESS
                ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW
        default: return SSL_TICKET_RETURN_IGNORE_RENEW
        }
    }
}

#include <openssl/ssl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/hmac.h>

// For TLS. OpenSSL has these as macros, which Swift does not see.

/// Reason: the options are macros with a cast. No renegotiation, no compression, our order of
/// ciphers, except that a client without AES in hardware gets ChaCha20 when it asks for it first.
static inline void copenssl_tls_set_options(SSL_CTX *context) {
    SSL_CTX_set_options(
        context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                     SSL_OP_PRIORITIZE_CHACHA);
}

/// Reason: a macro. Idle sessions hold no buffers; what is written may move between two tries. A
/// server shows the chain that it was given, and makes none up from its clients' authorities.
static inline void copenssl_tls_set_modes(SSL_CTX *context) {
    SSL_CTX_set_mode(
        context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                     SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_NO_AUTO_CHAIN);
}

/// Reason: a macro. 1 when the version is known.
static inline int copenssl_tls_set_versions(SSL_CTX *context, int lowest, int highest) {
    return SSL_CTX_set_min_proto_version(context, lowest) == 1 &&
           SSL_CTX_set_max_proto_version(context, highest) == 1;
}

/// Reason: a macro. 1 when each group is known.
static inline int copenssl_tls_set_groups(SSL_CTX *context, const char *groups) {
    return SSL_CTX_set1_groups_list(context, groups) == 1;
}

/// Reason: a macro. Sessions are kept in tickets only.
static inline void copenssl_tls_keep_no_sessions(SSL_CTX *context) {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

/// Reason: a macro. Takes no ownership; 1 when it was added.
static inline int copenssl_tls_add_to_chain(SSL_CTX *context, X509 *certificate) {
    return SSL_CTX_add1_chain_cert(context, certificate) == 1;
}

/// Reason: macros. `argument` is handed to `callback` as it is.
static inline void copenssl_tls_set_name_callback(
    SSL_CTX *context, int (*callback)(SSL *, int *, void *), void *argument) {
    SSL_CTX_set_tlsext_servername_callback(context, callback);
    SSL_CTX_set_tlsext_servername_arg(context, argument);
}

/// Reason: a macro. 1 when the name can be sent.
static inline int copenssl_tls_set_server_name(SSL *session, const char *name) {
    return SSL_set_tlsext_host_name(session, name) == 1;
}

/// Reason: the parameters point at each other. HMAC with SHA-256.
static inline int copenssl_tls_start_ticket_mac(
    EVP_MAC_CTX *context, const unsigned char *key, size_t count) {
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string("digest", (char *)"SHA256", 0),
        OSSL_PARAM_construct_end(),
    };
    return EVP_MAC_init(context, key, count, parameters) == 1;
}

/// Reason: a macro. Why a call failed, without the library and the function.
static inline int copenssl_tls_reason(unsigned long error) { return ERR_GET_REASON(error); }

/// Reason: macros. Whether reading PEM ended because nothing more was there.
static inline int copenssl_tls_is_end_of_pem(unsigned long error) {
    return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

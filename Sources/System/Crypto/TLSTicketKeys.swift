// Keys of session tickets (RFC 5077, RFC 8446, 4.6.1).

import Buffers
import COpenSSL
import Glibc
import Synchronization

/// Keys that tickets are sealed with: the present one, and the one before, which only opens. All
/// contexts of a server share one of these, so that a ticket from one loop or from before a reload
/// is good on all. They are never written down: a restarted server takes no older tickets.
public final class TLSTicketKeys: Sendable {
    private struct Key {
        let name = randomBytes(16)
        let cipher = randomBytes(32)
        let mac = randomBytes(32)
        let made: Int64
    }

    private struct Keys {
        var present: Key
        var former: Key?
    }

    private let keys: Mutex<Keys>
    /// Seconds of any clock that does not go back.
    private let now: @Sendable () -> Int64

    public init(now: @escaping @Sendable () -> Int64) {
        self.now = now
        keys = Mutex(Keys(present: Key(made: now()), former: nil))
    }

    /// The keys of this moment, exchanged when they are old.
    private func current() -> Keys {
        let now = now()
        return keys.withLock { keys in
            let age = now - keys.present.made
            if age >= TLSLimits.ticketKeySeconds {
                keys.former = age < 2 * TLSLimits.ticketKeySeconds ? keys.present : nil
                keys.present = Key(made: now)
            }
            return keys
        }
    }

    /// What OpenSSL asks when it writes or reads a ticket: sets up the two contexts.
    /// - Returns: 1 for the present key, 2 for the former one, which makes OpenSSL write a new
    ///   ticket, 0 for a key that is not known, -1 when something is wrong.
    func prepare(_ ticket: Ticket, isSealing: Bool) -> CInt {
        let keys = current()
        if isSealing { return seal(ticket, keys.present) ? 1 : -1 }
        if ticket.isNamed(keys.present.name) { return open(ticket, keys.present) ? 1 : -1 }
        guard let former = keys.former, ticket.isNamed(former.name) else { return 0 }
        return open(ticket, former) ? 2 : -1
    }

    /// A ticket in the making, in OpenSSL's memory.
    struct Ticket {
        let name: UnsafeMutablePointer<UInt8>
        let vector: UnsafeMutablePointer<UInt8>
        let cipher: OpaquePointer
        let mac: OpaquePointer

        func isNamed(_ wanted: Bytes) -> Bool {
            wanted.withUnsafeBytes { memcmp(name, $0.baseAddress!, $0.count) == 0 }
        }
    }

    private func seal(_ ticket: Ticket, _ key: Key) -> Bool {
        key.name.withUnsafeBytes { _ = memcpy(ticket.name, $0.baseAddress!, $0.count) }
        guard RAND_bytes(ticket.vector, 16) == 1, startMac(ticket, key) else { return false }
        return key.cipher.withUnsafeBytes { bytes in
            let secret = bytes.assumingMemoryBound(to: UInt8.self).baseAddress
            return EVP_EncryptInit_ex(
                ticket.cipher, EVP_aes_256_cbc(), nil, secret, ticket.vector) == 1
        }
    }

    private func open(_ ticket: Ticket, _ key: Key) -> Bool {
        guard startMac(ticket, key) else { return false }
        return key.cipher.withUnsafeBytes { bytes in
            let secret = bytes.assumingMemoryBound(to: UInt8.self).baseAddress
            return EVP_DecryptInit_ex(
                ticket.cipher, EVP_aes_256_cbc(), nil, secret, ticket.vector) == 1
        }
    }

    private func startMac(_ ticket: Ticket, _ key: Key) -> Bool {
        key.mac.withUnsafeBytes { bytes in
            let secret = bytes.assumingMemoryBound(to: UInt8.self).baseAddress
            return copenssl_tls_start_ticket_mac(ticket.mac, secret, bytes.count) == 1
        }
    }
}

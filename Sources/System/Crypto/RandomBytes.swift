// Random bytes for keys, serial numbers and nonces.

import Buffers
import COpenSSL

/// `count` bytes from OpenSSL's generator, which no one can foretell.
/// - Precondition: `count` is positive, and the system has entropy: without it nothing may go on.
public func randomBytes(_ count: Int) -> Bytes {
    precondition(count > 0, "\(count) random bytes")
    var array = [UInt8](repeating: 0, count: count)
    precondition(RAND_bytes(&array, CInt(count)) == 1, "the system's generator failed")
    return Bytes(array)
}

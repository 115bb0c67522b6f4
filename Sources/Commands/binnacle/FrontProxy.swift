// By which certificate the servers of other groups know this one.

import APIServer
import Crypto
import PKI
import Synchronization

/// A client's certificate of the cluster's authority, made in memory and made anew in good time.
/// There is none while the authority's key is kept elsewhere.
final class FrontProxy: Sendable {
    private struct Made {
        let certificate: TLSCertificate?
        let time: WallTime
    }

    private let directory: PKIDirectory
    private let made = Mutex<Made?>(nil)

    /// A certificate is good for so long, and is shown for half of that. Long enough that few are
    /// made, and connections to the servers need not be opened anew.
    private static let lifetime = Duration.seconds(30 * 86_400)

    init(_ directory: PKIDirectory) { self.directory = directory }

    /// May be called on any thread. Makes a certificate, in about a millisecond, when it is time.
    var certificate: TLSCertificate? {
        let now = WallTime.now
        return made.withLock { made in
            if let made, now < made.time + Self.lifetime / 2 { return made.certificate }
            let issued = try? directory.credential(
                user: Gateway.frontProxyName, lifetime: Self.lifetime, now: now)
            let certificate = issued.map { credential, _ in
                TLSCertificate(chain: credential.certificate.pem, key: credential.key.pem)
            }
            made = Made(certificate: certificate, time: now)
            return certificate
        }
    }
}

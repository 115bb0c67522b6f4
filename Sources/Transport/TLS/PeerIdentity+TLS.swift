// What TLS found out about a client, in the words of those above it.

import Crypto
import EventLoops

extension PeerIdentity {
    init(_ read: TLSPeerCertificate, _ refusal: TLSPeerRefusal?) {
        let certificate = PeerCertificate(
            commonName: read.commonName, organizations: read.organizations,
            notAfter: read.notAfter, (read.fingerprint, read.der))
        guard let refusal else {
            self = .certificate(certificate)
            return
        }
        self = .refused(certificate, PeerRefusal(refusal))
    }
}

extension PeerRefusal {
    fileprivate init(_ refusal: TLSPeerRefusal) {
        switch refusal {
        case .expired: self = .expired
        case .notYetValid: self = .notYetValid
        case .unknownAuthority: self = .unknownAuthority
        case .wrongPurpose: self = .wrongPurpose
        case .invalid(let reason): self = .invalid(reason)
        }
    }
}

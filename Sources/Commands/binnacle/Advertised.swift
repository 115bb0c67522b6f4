// By which address the cluster reaches this server.

import APIServer
import SystemCalls

extension Serve {
    /// What the Service `kubernetes` tells of a server that listens at `address`; `nil` when no
    /// other machine reaches it, as on a loopback address.
    func advertised(_ address: SocketAddress) -> AdvertisedAddress? {
        advertisedHost(address).map { AdvertisedAddress(host: $0, port: address.port) }
    }

    /// Without the port, which may not be known yet.
    func advertisedHost(_ address: SocketAddress) -> String? {
        if let advertiseAddress { return advertiseAddress.address.host }
        guard !address.isLoopback else { return nil }
        guard address.isUnspecified else { return address.host }
        return SocketAddress.ofThisMachine(address.family)?.host
    }

    /// The addresses by which programs in the cluster call this server, for its certificate.
    var clusterNames: [String] {
        let own = httpsListen.flatMap(advertisedHost)
        return [Gateway.clusterIP] + (own.map { [$0] } ?? [])
    }
}

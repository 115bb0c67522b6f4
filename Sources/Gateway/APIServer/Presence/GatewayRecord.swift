// What a gateway tells the others that share its store.

import APIModel
import JSON
import Resources

/// Where clients in the cluster reach a gateway by HTTPS.
public struct AdvertisedAddress: Hashable, Sendable {
    /// IPv4 or IPv6, in text.
    public let host: String
    public let port: UInt16

    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    var isIPv4: Bool { IPAddress(host)?.isIPv4 ?? false }
}

/// A Lease in kube-system that its gateway renews, as API servers of Kubernetes have one, with the
/// address in an annotation.
struct GatewayRecord: Hashable {
    let name: String
    let address: AdvertisedAddress?

    static let namespace = "kube-system"
    private static let namePrefix = "binnacle-"
    private static let label = "apiserver.kubernetes.io/identity"
    private static let annotation = "binnacle.dev/advertised-address"

    init(_ name: String, _ address: AdvertisedAddress?) {
        self.name = name
        self.address = address
    }

    /// `nil` for the lease of something else.
    init?(lease: JSONValue) {
        let meta = ObjectMeta(of: lease)
        guard meta.label(Self.label) == "binnacle", meta.name.hasPrefix(Self.namePrefix) else {
            return nil
        }
        name = String(meta.name.dropFirst(Self.namePrefix.count))
        let stated = meta.annotation(Self.annotation) ?? ""
        address = stated.lastIndex(of: "|").flatMap { bar in
            UInt16(stated[stated.index(after: bar)...]).map {
                AdvertisedAddress(host: String(stated[..<bar]), port: $0)
            }
        }
    }

    var leaseName: String { Self.namePrefix + name }

    /// The lease of this record, renewed.
    func lease(renewedAt now: Timestamp) -> JSONValue {
        var metadata: JSONObject = [
            "name": .string(leaseName), "labels": .object([Self.label: "binnacle"]),
        ]
        if let address {
            metadata["annotations"] = .object([
                Self.annotation: .string("\(address.host)|\(address.port)")
            ])
        }
        return [
            "metadata": .object(metadata),
            "spec": [
                "holderIdentity": .string(name),
                "leaseDurationSeconds": .int(Limits.presenceLifetime.components.seconds),
                "renewTime": .string(now.microTime),
            ],
        ]
    }
}

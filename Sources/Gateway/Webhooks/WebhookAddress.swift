// Where a webhook is, as a configuration says it.

import APIModel
import Buffers
import JSON
import Resources

/// A `clientConfig` of admissionregistration.k8s.io, or one of apiextensions.k8s.io.
public struct WebhookAddress: Hashable, Sendable {
    enum Place: Hashable, Sendable {
        case url(String)
        case service(ServiceReference)
    }

    let place: Place
    /// The authorities in PEM that the webhook's certificate must come from, in base64; empty for
    /// those that the system trusts.
    let authorities: String

    /// - Parameter clientConfig: has passed validation.
    public init(clientConfig: JSONValue) {
        authorities = clientConfig.text("caBundle")
        guard let service = clientConfig["service"], !service.isNull else {
            place = .url(clientConfig.text("url"))
            return
        }
        place = .service(ServiceReference(service))
    }

    /// The URL without a query, as messages show it.
    var url: String {
        switch place {
        case .url(let url): url
        case .service(let service): "https://\(service.host):\(service.port)\(service.path)"
        }
    }
}

/// A Service and where the webhook is in it.
struct ServiceReference: Hashable, Sendable {
    let namespace: String
    let name: String
    /// Begins with a slash.
    let path: String
    let port: Int64

    init(_ reference: JSONValue) {
        namespace = reference.text("namespace")
        name = reference.text("name")
        let path = reference.text("path")
        self.path = path.hasPrefix("/") ? path : "/\(path)"
        port = reference["port"]?.int ?? 443
    }

    /// The name that the webhook's certificate must be good for.
    var host: String { "\(name).\(namespace).svc" }
}

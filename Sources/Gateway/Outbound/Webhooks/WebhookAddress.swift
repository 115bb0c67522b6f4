// Where a webhook is, as a configuration says it.

import APIModel
import JSON
import Resources

/// A `clientConfig` of admissionregistration.k8s.io, or one of apiextensions.k8s.io.
public struct WebhookAddress: Hashable, Sendable {
    enum Place: Hashable, Sendable {
        case url(String)
        /// The path begins with a slash.
        case service(ServiceReference, path: String)
    }

    let place: Place
    let trust: NamedServer.Trust

    /// - Parameter clientConfig: has passed validation.
    public init(clientConfig: JSONValue) {
        trust = NamedServer.Trust(authorities: clientConfig.text("caBundle"))
        guard let service = clientConfig["service"], !service.isNull else {
            place = .url(clientConfig.text("url"))
            return
        }
        let path = service.text("path")
        place = .service(ServiceReference(service), path: path.hasPrefix("/") ? path : "/\(path)")
    }

    /// The URL without a query, as messages show it.
    var url: String {
        switch place {
        case .url(let url): url
        case .service(let service, let path): service.root + path
        }
    }
}

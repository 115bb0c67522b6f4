// From a Service to addresses that can be reached.

import APIModel
import Access
import Buffers
import HTTPClient
import JSON
import Resources
import Storage
import WatchCache

/// Finds the addresses behind Services in the cache, at the time of each call.
///
/// Those that the Service's EndpointSlices call ready are taken first: nothing in this control
/// plane forwards a cluster IP. Where somebody else does, a Service without slices is reached by
/// its cluster IP, and one of type ExternalName by its name.
struct ServiceLookup: Sendable {
    private let services: ResourceCache
    private let slices: ResourceCache

    /// - Precondition: `cache` holds Services and EndpointSlices.
    init(_ cache: Cache) {
        services = cache.required(Self.services)
        slices = cache.required(Self.slices)
    }

    private static let services = "core/services"
    private static let slices = "discovery.k8s.io/endpointslices"

    /// - Throws: for a Service that is not there, has no such port or nobody behind it.
    func endpoints(of reference: ServiceReference) throws(WebhookFailure) -> [Endpoint] {
        let key = "\(Self.services)/\(reference.namespace)/\(reference.name)"
        guard let service = services.snapshot().object(Key(key))?.value else {
            throw WebhookFailure("service \(reference.name.quoted) not found")
        }
        let spec = service["spec"] ?? .null
        if spec.text("type") == "ExternalName" {
            return endpoint(spec.text("externalName"), reference.port).map { [$0] } ?? []
        }
        guard let port = spec.list("ports").first(where: { $0["port"]?.int == reference.port })
        else {
            throw WebhookFailure(
                "no service port \(reference.port) found for service \(reference.name.quoted)")
        }
        let ready = readyEndpoints(of: reference, portName: port.text("name"))
        if !ready.isEmpty { return ready }
        let address = spec.text("clusterIP")
        guard address != "None", let endpoint = endpoint(address, reference.port) else {
            throw WebhookFailure("no endpoints available for service \(reference.name.quoted)")
        }
        return [endpoint]
    }

    private func readyEndpoints(of reference: ServiceReference, portName: String) -> [Endpoint] {
        let prefix = "\(Self.slices)/\(reference.namespace)/"
        var found: [Endpoint] = []
        slices.snapshot().forEach(in: .prefix(Key(prefix))) { object in
            let slice = object.value
            let owner = ObjectMeta(of: slice).label("kubernetes.io/service-name")
            guard owner == reference.name, slice.text("addressType") != "FQDN",
                let port = slice.list("ports").first(where: { $0.text("name") == portName })
            else { return true }
            for member in slice.list("endpoints") {
                guard member[path: "conditions", "ready"]?.bool != false,
                    let address = member.list("addresses").first?.string,
                    let endpoint = endpoint(address, port["port"]?.int ?? 0)
                else { continue }
                found.append(endpoint)
            }
            return true
        }
        return found
    }

    private func endpoint(_ host: String, _ port: Int64) -> Endpoint? {
        guard !host.isEmpty, let port = UInt16(exactly: port), port > 0 else { return nil }
        return Endpoint(isSecure: true, host: host, port: port)
    }
}

extension Cache {
    /// - Precondition: the cache holds it.
    fileprivate func required(_ name: String) -> ResourceCache {
        guard let resource = resource(name) else {
            preconditionFailure("the cache does not hold \(name)")
        }
        return resource
    }
}

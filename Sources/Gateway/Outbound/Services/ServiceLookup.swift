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
/// They are those that the Service's EndpointSlices call ready: nothing in this control plane
/// forwards a cluster IP. Where somebody else does, a Service without a selector and without slices
/// is reached by its cluster IP. One of type ExternalName is reached by its name.
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

    /// - Returns: one address at least.
    func endpoints(of reference: ServiceReference) throws(ServiceFailure) -> [Endpoint] {
        let key = "\(Self.services)/\(reference.namespace)/\(reference.name)"
        guard let service = services.snapshot().object(Key(key))?.value else { throw .absent }
        let spec = service["spec"] ?? .null
        if spec.text("type") == "ExternalName" {
            return [try endpoint(spec.text("externalName"), reference.port)]
        }
        guard let port = spec.list("ports").first(where: { $0["port"]?.int == reference.port })
        else { throw .noPort }
        let portName = port.text("name")
        let ready = readyEndpoints(of: reference, portName: portName)
        if !ready.isEmpty { return ready }
        let address = spec.text("clusterIP")
        // With a selector, somebody keeps its endpoints, and says that there is none.
        guard !spec.isFilled("selector"), !address.isEmpty, address != "None" else {
            throw .noEndpoints(portName: portName)
        }
        return [try endpoint(address, reference.port)]
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
                    let endpoint = try? endpoint(address, port["port"]?.int ?? 0)
                else { continue }
                found.append(endpoint)
            }
            return true
        }
        return found
    }

    private func endpoint(_ host: String, _ port: Int64) throws(ServiceFailure) -> Endpoint {
        guard !host.isEmpty, let port = UInt16(exactly: port), port > 0 else { throw .noAddress }
        return Endpoint(isSecure: true, host: host, port: port)
    }
}

// From a Service to addresses.

import APIModel
import Access
import HTTPClient
import JSON
import Resources
import Storage
import WatchCache

/// Finds the servers behind a Service, at the time of each call: those that its EndpointSlices call
/// ready; without any, its cluster IP, for those who run something that forwards it; and the name
/// of a Service of type ExternalName.
struct ServiceAddresses: Sendable {
    private let services: ResourceCache
    private let slices: ResourceCache

    private static let services = "core/services"
    private static let slices = "discovery.k8s.io/endpointslices"

    /// - Precondition: `cache` holds Services and EndpointSlices.
    init(_ cache: Cache) {
        guard let services = cache.resource(Self.services),
            let slices = cache.resource(Self.slices)
        else { preconditionFailure("the cache does not hold \(Self.services)") }
        self.services = services
        self.slices = slices
    }

    func endpoints(
        of service: ExtensionAPI.Reference
    ) throws(Unavailability) -> [Endpoint] {
        let key = Key("\(Self.services)/\(service.namespace)/\(service.name)")
        guard let spec = services.snapshot().object(key)?.value["spec"] else {
            throw Unavailability("ServiceNotFound", "\(service.description) is not present")
        }
        if spec.text("type") == "ExternalName" {
            return [try endpoint(spec.text("externalName"), service.port, service)]
        }
        guard let port = spec.list("ports").first(where: { $0["port"]?.int == service.port }) else {
            throw Unavailability(
                "ServicePortError",
                "\(service.description) is not listening on port \(service.port)")
        }
        let ready = try ready(service, portName: port.text("name"))
        if !ready.isEmpty { return ready }
        let address = spec.text("clusterIP")
        let hasSelector = spec.isFilled("selector")
        guard !hasSelector, !address.isEmpty, address != "None" else {
            throw Unavailability(
                "MissingEndpoints",
                "endpoints for \(service.description) have no addresses with port name "
                    + port.text("name").quoted)
        }
        return [try endpoint(address, service.port, service)]
    }

    private func ready(
        _ service: ExtensionAPI.Reference, portName: String
    ) throws(Unavailability) -> [Endpoint] {
        var hosts: [(String, Int64)] = []
        let range = KeyRange.prefix(Key("\(Self.slices)/\(service.namespace)/"))
        slices.snapshot().forEach(in: range) { object in
            let slice = object.value
            guard
                ObjectMeta(of: slice).label("kubernetes.io/service-name") == service.name,
                let port = slice.list("ports").first(where: { $0.text("name") == portName })?[
                    "port"]?.int
            else { return true }
            for member in slice.list("endpoints")
            where member[path: "conditions", "ready"]?.bool != false {
                if let address = member.list("addresses").first?.string {
                    hosts.append((address, port))
                }
            }
            return true
        }
        var endpoints: [Endpoint] = []
        for (host, port) in hosts { endpoints.append(try endpoint(host, port, service)) }
        return endpoints
    }

    private func endpoint(
        _ host: String, _ port: Int64, _ service: ExtensionAPI.Reference
    ) throws(Unavailability) -> Endpoint {
        guard !host.isEmpty, let port = UInt16(exactly: port), port > 0 else {
            throw Unavailability(
                "ServicePortError", "\(service.description) has no address that can be called")
        }
        return Endpoint(isSecure: true, host: host, port: port)
    }
}

// The Service `kubernetes`, by which programs in the cluster find the API.

import APIModel
import Access
import Buffers
import JSON
import Logging
import Resources
import Storage
import WatchCache

/// Keeps the Service and its endpoints what they should be, also after somebody has changed or
/// deleted them.
struct KubernetesService: Sendable {
    let environment: WriteEnvironment
    let services: ResourceEndpoint
    let addresses: ResourceEndpoint
    let slices: ResourceEndpoint
    let log: Logger

    static let namespace = "default"
    static let name = "kubernetes"
    /// The first address of the network from which Services get theirs.
    static let clusterIP = Gateway.clusterIP
    private static let port: Int64 = 443

    var endpoints: [ResourceEndpoint] { [services, addresses, slices] }

    /// - Parameter living: where the gateways are that answer. None of them is on loopback, where
    ///   nobody else would reach it.
    func settle(_ living: [AdvertisedAddress]) async {
        let reachable = living.sorted { ($0.host, $0.port) < ($1.host, $1.port) }
        await put(service(reachable.first?.port), Self.namespace, services, keepsRest: true)
        guard !reachable.isEmpty else {
            await remove(addresses)
            await remove(slices)
            return
        }
        await put(endpoints(reachable), Self.namespace, addresses)
        await put(slice(reachable), Self.namespace, slices)
    }

    private func service(_ port: UInt16?) -> JSONValue {
        [
            "metadata": [
                "name": .string(Self.name),
                "labels": ["component": "apiserver", "provider": "kubernetes"],
            ],
            "spec": [
                "type": "ClusterIP", "clusterIP": .string(Self.clusterIP),
                "ports": [
                    [
                        "name": "https", "protocol": "TCP", "port": .int(Self.port),
                        "targetPort": .int(port.map(Int64.init) ?? Self.port),
                    ]
                ],
            ],
        ]
    }

    private static func ports(_ port: UInt16) -> JSONValue {
        [["name": "https", "protocol": "TCP", "port": .int(Int64(port))]]
    }

    /// Gateways with different ports are in subsets of their own.
    private func endpoints(_ living: [AdvertisedAddress]) -> JSONValue {
        let byPort = Dictionary(grouping: living, by: \.port).sorted { $0.key < $1.key }
        let subsets = byPort.map { port, living -> JSONValue in
            let addresses = living.map { JSONValue.object(["ip": .string($0.host)]) }
            return ["addresses": .array(addresses), "ports": Self.ports(port)]
        }
        return [
            "metadata": [
                "name": .string(Self.name),
                "labels": ["endpointslice.kubernetes.io/skip-mirror": "true"],
            ],
            "subsets": .array(subsets),
        ]
    }

    /// A slice has one kind of address and one set of ports: those of the first gateway, as in
    /// Kubernetes.
    private func slice(_ living: [AdvertisedAddress]) -> JSONValue {
        let first = living[0]
        let alike = living.filter { $0.isIPv4 == first.isIPv4 && $0.port == first.port }
        let endpoints = alike.map { address -> JSONValue in
            ["addresses": [.string(address.host)], "conditions": ["ready": true]]
        }
        return [
            "metadata": [
                "name": .string(Self.name),
                "labels": ["kubernetes.io/service-name": .string(Self.name)],
            ],
            "addressType": first.isIPv4 ? "IPv4" : "IPv6", "endpoints": .array(endpoints),
            "ports": Self.ports(first.port),
        ]
    }

    // MARK: Writing

    /// Makes the object, or gives it the members of `object`. Writes nothing when it has them.
    /// - Parameter keepsRest: what is in the spec besides stays.
    func put(
        _ object: JSONValue, _ namespace: String, _ endpoint: ResourceEndpoint,
        keepsRest: Bool = false
    ) async {
        let name = object.metadataName ?? ""
        do throws(APIStatus) {
            do throws(APIStatus) {
                try await update(object, target(name, namespace, endpoint), keepsRest)
            } catch {
                guard error.reason == .notFound else { throw error }
                try await environment.createUnlessPresent(object, endpoint, in: namespace)
            }
        } catch {
            // Somebody else was faster, or the store is out of reach: the next look mends it.
            let isExpected = error.reason == .conflict || error.code > 500
            log.log(
                level: isExpected ? .debug : .warning,
                "\(namespace)/\(name) is not what it should be: \(error)")
        }
    }

    private func target(
        _ name: String, _ namespace: String, _ endpoint: ResourceEndpoint
    ) -> WriteTarget {
        WriteTarget(endpoint: endpoint, namespace: namespace, name: name, subresource: nil)
    }

    private func update(
        _ wanted: JSONValue, _ target: WriteTarget, _ keepsRest: Bool
    ) async throws(APIStatus) {
        _ = try await ObjectUpdate(
            environment: environment, request: environment.request(target),
            change: { current throws(APIStatus) in
                var intake = ObjectIntake(target.endpoint, .ignore)
                var object = current.value
                for (member, value) in wanted.object ?? JSONObject() where member != "metadata" {
                    if keepsRest, let rest = value.object {
                        var present = object[member] ?? .object(JSONObject())
                        for (inner, value) in rest { present[inner] = value }
                        object[member] = present
                    } else {
                        object[member] = value
                    }
                }
                object.takeMarks(from: wanted)
                return (try intake.accept(DecodedBody(value: object)), [])
            }
        ).run()
    }

    private func remove(_ endpoint: ResourceEndpoint) async {
        let key = Key(
            endpoint.key(namespace: Bytes(Self.namespace), name: Bytes(Self.name)))
        guard endpoint.cache.snapshot().object(key) != nil else { return }
        do {
            _ = try await Removal(environment: environment).run(
                environment.request(target(Self.name, Self.namespace, endpoint)),
                DeleteOptions())
        } catch {
            log.debug("\(key) stays for now: \(error)")
        }
    }
}

extension JSONValue {
    /// Gives the labels and annotations of `other` to this object.
    fileprivate mutating func takeMarks(from other: JSONValue) {
        for member in ["labels", "annotations"] {
            guard let marks = other[path: "metadata", member]?.object else { continue }
            var present = self[path: "metadata", member]?.object ?? JSONObject()
            for (name, value) in marks { present[name] = value }
            setMetadata(member, .object(present))
        }
    }
}

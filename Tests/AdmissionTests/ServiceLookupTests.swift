import APIModel
import HTTPClient
import JSON
import Testing

@testable import Outbound

/// From a Service to the addresses of a server.
@Suite struct ServiceLookupTests {
    private static let service: JSONValue = [
        "spec": [
            "clusterIP": "10.0.0.9", "ports": [["name": "https", "port": 443], ["port": 80]],
        ]
    ]

    private static func slice(_ service: String, _ endpoints: JSONValue) -> JSONValue {
        [
            "metadata": ["labels": ["kubernetes.io/service-name": .string(service)]],
            "addressType": "IPv4", "ports": [["name": "https", "port": 8443]],
            "endpoints": endpoints,
        ]
    }

    private func endpoints(
        _ services: [String: JSONValue], _ slices: [String: JSONValue] = [:], port: Int64 = 443
    ) async throws -> Result<[String], ServiceFailure> {
        let objects = try await CachedObjects([
            "core/services": services, "discovery.k8s.io/endpointslices": slices,
        ])
        let lookup = ServiceLookup(objects.cache)
        let reference = ServiceReference([
            "namespace": "ns", "name": "hook", "port": .number(JSONNumber(port)),
        ])
        return Result { () throws(ServiceFailure) in
            try lookup.endpoints(of: reference).map(\.description)
        }
    }

    @Test func `ready endpoints come before the cluster IP`() async throws {
        let slices = [
            "ns/hook-1": Self.slice(
                "hook",
                [
                    ["addresses": ["10.1.0.1"], "conditions": ["ready": true]],
                    ["addresses": ["10.1.0.2"], "conditions": ["ready": false]],
                    ["addresses": ["10.1.0.3"]],
                ]),
            "ns/other-1": Self.slice("other", [["addresses": ["10.1.0.4"]]]),
            "elsewhere/hook-1": Self.slice("hook", [["addresses": ["10.1.0.5"]]]),
        ]
        #expect(
            try await endpoints(["ns/hook": Self.service], slices)
                == .success(["https://10.1.0.1:8443", "https://10.1.0.3:8443"]))
        #expect(
            try await endpoints(["ns/hook": Self.service], slices, port: 80)
                == .success(["https://10.0.0.9:80"]))
        #expect(
            try await endpoints(["ns/hook": Self.service]) == .success(["https://10.0.0.9:443"]))
    }

    @Test func `what leads nowhere is told`() async throws {
        #expect(try await endpoints([:]) == .failure(.absent))
        #expect(try await endpoints(["ns/hook": Self.service], port: 81) == .failure(.noPort))
        let headless: JSONValue = ["spec": ["clusterIP": "None", "ports": [["port": 443]]]]
        #expect(
            try await endpoints(["ns/hook": headless]) == .failure(.noEndpoints(portName: "")))
        let nameless: JSONValue = ["spec": ["type": "ExternalName"]]
        #expect(try await endpoints(["ns/hook": nameless]) == .failure(.noAddress))
    }

    @Test func `the cluster IP of a selector with nobody ready leads nowhere`() async throws {
        var service = Self.service
        service["spec"]?["selector"] = ["app": "hook"]
        #expect(
            try await endpoints(["ns/hook": service]) == .failure(.noEndpoints(portName: "https")))
        let slice = Self.slice(
            "hook", [["addresses": ["10.1.0.2"], "conditions": ["ready": false]]])
        #expect(
            try await endpoints(["ns/hook": service], ["ns/hook-1": slice])
                == .failure(.noEndpoints(portName: "https")))
    }
}

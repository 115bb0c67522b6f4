import APIModel
import JSON
import Testing

@testable import Resources

func service(_ spec: String) throws -> JSONValue {
    let spec = try json(spec)
    return ["metadata": ["name": "svc", "namespace": "ns"], "spec": spec]
}

@Suite struct ServiceTests {
    static let plain = #"{"selector":{"app":"web"},"ports":[{"port":80}]}"#

    @Test func `a new service has an address and the defaults that clients know`() throws {
        let created = try Kind("Service").created(service(Self.plain), context(drawing: [0x8A01]))
        #expect(
            created["spec"] == [
                "ports": [["protocol": "TCP", "port": 80, "targetPort": 80]],
                "selector": ["app": "web"], "clusterIP": "10.96.138.1",
                "clusterIPs": ["10.96.138.1"], "ipFamilies": ["IPv4"],
                "ipFamilyPolicy": "SingleStack", "internalTrafficPolicy": "Cluster",
                "type": "ClusterIP", "sessionAffinity": "None",
            ])
        #expect(created["status"] == ["loadBalancer": [:]])
    }

    @Test func `drawn values are claimed without a refusal, chosen ones with one`() throws {
        let kind = try Kind("Service")
        let sent = try kind.decoded(
            service(
                #"""
                {"type":"NodePort","clusterIP":"10.96.0.9","ports":[{"port":80},
                {"port":81,"nodePort":30080,"protocol":"UDP"}]}
                """#
            )
        )
        var object = sent
        kind.resource.strategy.prepareForCreate(&object, context(drawing: [30_777]))
        let claims = kind.resource.strategy.claims(of: object, sent: sent)
        #expect(
            claims.map(\.name) == [
                "clusterips/10.96.0.9", "nodeports/tcp/30777", "nodeports/udp/30080",
            ])
        #expect(
            claims.map { $0.refusal?.description } == [
                "spec.clusterIPs: Invalid value: [\"10.96.0.9\"]: failed to allocate IP 10.96.0.9: "
                    + "provided IP is already allocated",
                nil,
                "spec.ports[1].nodePort: Invalid value: 30080: provided port is already allocated",
            ])
        #expect(kind.resource.strategy.claims(of: object).allSatisfy { $0.refusal == nil })
    }

    @Test func `an object that was stored claims the same names`() throws {
        let kind = try Kind("Service")
        let created = try kind.created(service(Self.plain))
        #expect(kind.resource.strategy.claims(of: created).map(\.name) == ["clusterips/10.96.1.0"])
        let headless = try kind.created(service(#"{"clusterIP":"None"}"#))
        #expect(kind.resource.strategy.claims(of: headless) == [])
    }

    @Test func `one port with two protocols is one port on the nodes`() throws {
        let created = try Kind("Service").created(
            service(
                #"""
                {"type":"LoadBalancer","ports":[{"port":53,"name":"a"},{"port":53,
                "name":"b","protocol":"UDP"},{"port":80,"name":"c"}]}
                """#
            ), context(drawing: [300, 31_000, 31_000, 31_001]))
        let ports = created[path: "spec", "ports"]?.array?.map { $0["nodePort"] }
        #expect(ports == [31_000, 31_000, 31_001])
        #expect(created[path: "spec", "externalTrafficPolicy"] == "Cluster")
        #expect(created[path: "spec", "allocateLoadBalancerNodePorts"] == true)
    }

    @Test func `an alias in DNS has no address`() throws {
        let created = try Kind("Service").created(
            service(#"{"type":"ExternalName","externalName":"example.com"}"#))
        #expect(
            created["spec"] == [
                "type": "ExternalName", "externalName": "example.com", "sessionAffinity": "None",
            ])
    }

    @Test func `an affinity lasts three hours unless it is said otherwise`() throws {
        let created = try Kind("Service").created(
            service(#"{"sessionAffinity":"ClientIP","ports":[{"port":80}]}"#))
        #expect(
            created[path: "spec", "sessionAffinityConfig"] == [
                "clientIP": ["timeoutSeconds": 10_800]
            ])
    }

    static let faults: [(spec: String, errors: [String])] = [
        (#"{"ports":[]}"#, ["spec.ports: Required value"]),
        (#"{"clusterIP":"None"}"#, []),
        (
            #"{"ports":[{"port":80},{"port":81,"name":"a"},{"port":82,"name":"a"}]}"#,
            [
                "spec.ports[0].name: Required value",
                #"spec.ports[2].name: Duplicate value: "a""#,
            ]
        ),
        (
            #"{"ports":[{"port":80,"name":"a"},{"port":80,"name":"b"}]}"#,
            [#"spec.ports[1]: Duplicate value: {"port":80,"protocol":"TCP"}"#]
        ),
        (
            #"{"ports":[{"port":0}]}"#,
            [
                "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
                "spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, "
                    + "inclusive",
            ]
        ),
        (
            #"{"ports":[{"port":80,"nodePort":30080}]}"#,
            [
                "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"
            ]
        ),
        (
            #"{"type":"NodePort","ports":[{"port":80,"nodePort":80}]}"#,
            [
                "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid "
                    + "range. "
                    + "The range of valid ports is 30000-32767"
            ]
        ),
        (#"{"type":"ExternalName"}"#, ["spec.externalName: Required value"]),
        (
            #"{"type":"ExternalName","externalName":"a.b","clusterIP":"10.96.0.9"}"#,
            ["spec.clusterIP: Forbidden: may not be set when `type` is 'ExternalName'"]
        ),
        (
            #"{"clusterIP":"10.0.0.9","ports":[{"port":80}]}"#,
            [
                "spec.clusterIPs: Invalid value: [\"10.0.0.9\"]: failed to allocate IP 10.0.0.9: "
                    + "the "
                    + "provided IP (10.0.0.9) is not in the valid range. The range of valid IPs is "
                    + "10.96.0.0/16"
            ]
        ),
        (
            #"{"clusterIP":"x","ports":[{"port":80}]}"#,
            [
                "spec.clusterIPs[0]: Invalid value: \"x\": must be a valid IP address, (e.g. "
                    + "10.9.8.7 or 2001:db8::ffff)"
            ]
        ),
        (
            #"{"type":"LoadBalancer","clusterIP":"None","ports":[{"port":80}]}"#,
            [
                "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for "
                    + "LoadBalancer services"
            ]
        ),
    ]

    @Test(arguments: faults)
    func `faults of a service are named`(spec: String, errors: [String]) throws {
        #expect(try Kind("Service").errors(service(spec)) == errors)
    }

    @Test func `an update that leaves the address out keeps it`() throws {
        let kind = try Kind("Service")
        let old = try kind.created(
            service(#"{"type":"NodePort","ports":[{"port":80}]}"#), context(drawing: [500, 31_234]))
        let new = try kind.updated(
            service(#"{"type":"NodePort","ports":[{"port":80},{"port":81,"name":"b"}]}"#),
            from: old,
            context(drawing: [31_235]))
        #expect(new[path: "spec", "clusterIPs"] == old[path: "spec", "clusterIPs"])
        #expect(
            new[path: "spec", "ports"]?.array?.map { $0["nodePort"] } == [31_234, 31_235])
        #expect(new[path: "status"] == ["loadBalancer": [:]])
    }

    @Test func `an address does not change once it is set`() throws {
        let errors = try Kind("Service").updateErrors(service(Self.plain)) {
            $0["spec"]?["clusterIP"] = "10.96.0.77"
        }
        #expect(
            errors == [
                "spec.clusterIPs[0]: Invalid value: [\"10.96.0.77\"]: may not change once set"
            ])
    }

    @Test func `a service that becomes an alias lets its address and ports go`() throws {
        let kind = try Kind("Service")
        let old = try kind.created(service(#"{"type":"NodePort","ports":[{"port":80}]}"#))
        let sent = old.with {
            $0["spec"]?["type"] = "ExternalName"
            $0["spec"]?["externalName"] = "example.com"
        }
        let alias = try kind.updated(sent, from: old)
        #expect(alias[path: "spec", "clusterIP"] == nil)
        #expect(alias[path: "spec", "clusterIPs"] == nil)
        #expect(alias[path: "spec", "ports"]?[0]?["nodePort"] == nil)
        #expect(kind.resource.strategy.claims(of: alias) == [])
        #expect(
            kind.resource.strategy.validate(alias)
                + kind.resource.strategy.validateUpdate(alias, from: old) == [])

        let back = try kind.updated(
            alias.with {
                $0["spec"]?["type"] = "ClusterIP"
                $0["spec"]?["externalName"] = nil
            }, from: alias, context(drawing: [700]))
        #expect(back[path: "spec", "clusterIP"] == "10.96.2.188")
    }

    @Test(arguments: [
        (
            #"""
            {"type":"LoadBalancer","ports":[{"port":80,"nodePort":30080},{"port":443,
            "name":"s"}]}
            """#,
            "<pending>", "80:30080/TCP,443:30086/TCP"
        ),
        (#"{"type":"ExternalName","externalName":"a.b"}"#, "a.b", "<none>"),
        (
            #"{"externalIPs":["1.2.3.4"],"ports":[{"port":80,"protocol":"UDP"}]}"#, "1.2.3.4",
            "80/UDP"
        ),
    ])
    func `tables show where a service is reached`(
        spec: String, external: String, ports: String
    ) throws {
        let kind = try Kind("Service")
        let created = try kind.created(service(spec), context(drawing: [300, 30_086]))
        #expect(try kind.cell("External-IP", of: created) == .string(external))
        #expect(try kind.cell("Port(s)", of: created) == .string(ports))
    }
}

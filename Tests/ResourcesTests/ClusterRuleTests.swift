import APIModel
import JSON
import Testing

@testable import Resources

/// What is wrong with objects that connect or bound others: every cause at once.
@Suite struct ClusterRuleTests {
    static let cases: [(kind: String, object: String, errors: [String])] = [
        (
            "LimitRange",
            #"""
            {"spec":{"limits":[{"type":"Pod","default":{"cpu":"1"}},{"type":"Pod",
            "min":{"cpu":"2"},"max":{"cpu":"1"}},{"type":"PersistentVolumeClaim"},
            {"type":"Container","maxLimitRequestRatio":{"cpu":"500m"}}]}}
            """#,
            [
                "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'",
                "spec.limits[1].type: Duplicate value: \"Pod\"",
                #"spec.limits[1].min[cpu]: Invalid value: "2": min value 2 is greater than max "#
                    + "value 1",
                "spec.limits[2].limits: Required value: either minimum or maximum storage value "
                    + "is required, but neither was provided",
                #"spec.limits[3].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is "#
                    + "less than 1",
            ]
        ),
        (
            "ResourceQuota",
            #"""
            {"spec":{"hard":{"pods":"1500m","requests.cpu":"-1","nothing":"1"},
            "scopes":["BestEffort","NotBestEffort"],"scopeSelector":{"matchExpressions":[
            {"scopeName":"PriorityClass","operator":"In"},
            {"scopeName":"Terminating","operator":"In","values":["a"]}]}}}
            """#,
            [
                #"spec.hard[pods]: Invalid value: "1500m": must be an integer"#,
                #"spec.hard[requests.cpu]: Invalid value: "-1": must be greater than or equal "#
                    + "to 0",
                #"spec.hard[nothing]: Invalid value: "nothing": must be a standard resource for "#
                    + "quota",
                #"spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes"#,
                #"spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: unsupported scope "#
                    + "applied to resource",
                "spec.scopeSelector.matchExpressions[0].values: Required value: must be at least "
                    + "one value when `operator` is 'In' or 'NotIn' for scope selector",
                #"spec.scopeSelector.matchExpressions[1].operator: Invalid value: "In": must be "#
                    + "'Exists' when scope is any of ResourceQuotaScopeTerminating, "
                    + "ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, "
                    + "ResourceQuotaScopeNotBestEffort or "
                    + "ResourceQuotaScopeCrossNamespacePodAffinity",
            ]
        ),
        (
            "Ingress", "{}",
            [
                "spec: Invalid value: {}: either `defaultBackend` or `rules` must be specified"
            ]
        ),
        (
            "Ingress",
            #"""
            {"spec":{"rules":[{"host":"10.0.0.1","http":{"paths":[
            {"path":"a//b","pathType":"Exact","backend":{"service":{"name":"s"}}},
            {"path":"/a//b","pathType":"Prefix","backend":{}},
            {"pathType":"Other","backend":{"resource":{"kind":"K","name":"n"},
            "service":{"name":"s","port":{"number":1}}}}]}}]}}
            """#,
            [
                "spec.rules[0].http.paths[2].pathType: Unsupported value: \"Other\": supported "
                    + "values: \"Exact\", \"ImplementationSpecific\", \"Prefix\"",
                "spec.rules[0].host: Invalid value: \"10.0.0.1\": must be a DNS name, not an IP "
                    + "address",
                "spec.rules[0].http.paths[0].path: Invalid value: \"a//b\": must be an absolute "
                    + "path",
                "spec.rules[0].http.paths[0].backend: Required value: port name or number is "
                    + "required",
                "spec.rules[0].http.paths[1].path: Invalid value: \"/a//b\": must not contain '//'",
                "spec.rules[0].http.paths[1].backend: Required value: port name or number is "
                    + "required",
                "spec.rules[0].http.paths[2].backend: Invalid value: \"\": cannot set both "
                    + "resource and service backends",
            ]
        ),
        (
            "IngressClass",
            #"""
            {"spec":{"controller":"plain",
            "parameters":{"kind":"K","name":"n","scope":"Namespace"}}}
            """#,
            [
                #"spec.controller: Invalid value: "plain": must be a domain-prefixed path (such "#
                    + #"as "acme.io/foo")"#,
                "spec.parameters.namespace: Required value: `parameters.scope` is set to "
                    + "'Namespace'",
            ]
        ),
        (
            "NetworkPolicy",
            #"""
            {"spec":{"ingress":[{"from":[{},{"podSelector":{},"ipBlock":{"cidr":"10.0.0.0/8"}},
            {"ipBlock":{"cidr":"10.0.0.0/8","except":["11.0.0.0/16","10.0.0.0/8"]}}],
            "ports":[{"endPort":5},{"port":"http","endPort":5},{"port":9,"endPort":5}]}]}}
            """#,
            [
                "spec.ingress[0].ports[0].endPort: Required value: may not be specified when "
                    + "`port` is not specified",
                "spec.ingress[0].ports[1].endPort: Invalid value: 5: may not be specified when "
                    + "`port` is non-numeric",
                "spec.ingress[0].ports[2].endPort: Invalid value: 5: must be greater than or "
                    + "equal to `port`",
                "spec.ingress[0].from[0]: Required value: must specify a peer",
                "spec.ingress[0].from[1]: Forbidden: may not specify both ipBlock and another peer",
                "spec.ingress[0].from[2].ipBlock.except[0]: Invalid value: \"11.0.0.0/16\": must "
                    + "be a strict subset of `cidr`",
                "spec.ingress[0].from[2].ipBlock.except[1]: Invalid value: \"10.0.0.0/8\": must "
                    + "be a strict subset of `cidr`",
            ]
        ),
        (
            "ServiceCIDR", #"{"spec":{"cidrs":["10.0.0.0/8","10.1.0.1/16"]}}"#,
            [
                "spec.cidrs[1]: Invalid value: \"10.1.0.1/16\": must not have bits set beyond the "
                    + "prefix length",
                #"spec.cidrs: Invalid value: ["10.0.0.0/8","10.1.0.1/16"]: may specify no more "#
                    + "than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64",
            ]
        ),
        (
            "IPAddress", "{\"spec\":{}}",
            [
                "spec.parentRef: Required value",
                "metadata.name: Invalid value: \"x\": must be a valid IP address",
            ]
        ),
        (
            "EndpointSlice",
            #"""
            {"addressType":"IPv4","endpoints":[{"addresses":["::1","127.0.0.1"],"hints":{
            "forZones":[{"name":"a"},{"name":"a"}]}}],"ports":[{"name":"a"},{"name":"a"}]}
            """#,
            [
                #"endpoints[0].addresses[0]: Invalid value: "::1": must be a valid IPv4 address"#,
                #"endpoints[0].addresses[1]: Invalid value: "127.0.0.1": may not be in the "#
                    + "loopback range (127.0.0.0/8, ::1/128)",
                "endpoints[0].hints.forZones[1].name: Duplicate value: \"a\"",
                "ports[1].name: Duplicate value: \"a\"",
            ]
        ),
    ]

    @Test(arguments: cases)
    func `all that is wrong is said at once`(
        kind: String, object: String, errors: [String]
    ) throws {
        let kind = try Kind(kind)
        let sent = try json(object).with { $0["metadata"] = ["name": "x"] }
        #expect(try kind.errors(sent) == errors)
    }

    @Test func `a container's default limit and request follow from its bounds`() throws {
        let item = try Kind("LimitRange").created(
            try json(
                #"""
                {"spec":{"limits":[{"type":"Container","max":{"cpu":"2"},
                "min":{"memory":"1Gi"}}]}}
                """#
            ))[path: "spec", "limits"]?[0]
        #expect(item?["default"] == ["cpu": "2"])
        #expect(item?["defaultRequest"] == ["cpu": "2", "memory": "1Gi"])
    }

    @Test func `a policy with rules for what goes out is about that too`() throws {
        let kind = try Kind("NetworkPolicy")
        func types(_ spec: JSONValue) throws -> JSONValue? {
            try kind.created(["spec": spec])[path: "spec", "policyTypes"]
        }
        #expect(try types([:]) == ["Ingress"])
        #expect(try types(["egress": [[:]]]) == ["Ingress", "Egress"])
        #expect(try types(["policyTypes": ["Egress"]]) == ["Egress"])
    }
}

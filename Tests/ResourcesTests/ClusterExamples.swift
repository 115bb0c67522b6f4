// An object of each kind that connects, bounds or governs others.

enum ClusterExamples {
    /// Names that follow from what the objects are.
    static let names = ["APIService": "v1.example.com", "IPAddress": "10.0.0.7"]

    static let all: [(kind: String, object: String, cells: String)] = [
        (
            "APIService",
            #"""
            {"spec":{"group":"example.com","version":"v1","groupPriorityMinimum":100,
            "versionPriority":10,"service":{"namespace":"ns","name":"extension"}}}
            """#,
            #"["v1.example.com","ns/extension","Unknown","5s"]"#
        ),
        (
            "CertificateSigningRequest",
            """
            {"spec":{"request":"\(certificateRequest)","signerName":"example.com/own",
            "usages":["client auth"],"expirationSeconds":86400}}
            """,
            #"["x","5s","example.com/own","","24h","Pending"]"#
        ),
        ("ComponentStatus", "{}", #"["x","Unknown","",""]"#),
        (
            "EndpointSlice",
            #"""
            {"addressType":"IPv4","endpoints":[{"addresses":["10.0.0.1","10.0.0.2"]},
            {"addresses":["10.0.0.3"]},{"addresses":["10.0.0.4"]}],"ports":[{"port":80}]}
            """#,
            #"["x","IPv4","80","10.0.0.1,10.0.0.2,10.0.0.3 + 1 more...","5s"]"#
        ),
        (
            "FlowSchema",
            #"""
            {"spec":{"priorityLevelConfiguration":{"name":"level"},"distinguisherMethod":
            {"type":"ByUser"},"rules":[{"subjects":[{"kind":"User","user":{"name":"*"}}],
            "nonResourceRules":[{"verbs":["*"],"nonResourceURLs":["/healthz"]}]}]}}
            """#,
            #"["x","level",1000,"ByUser","5s","?"]"#
        ),
        (
            "IPAddress",
            #"{"spec":{"parentRef":{"resource":"services","namespace":"ns","name":"s"}}}"#,
            #"["10.0.0.7","services/ns/s"]"#
        ),
        (
            "Ingress",
            #"""
            {"spec":{"ingressClassName":"nginx","tls":[{"hosts":["a.example"]}],
            "rules":[{"host":"a.example","http":{"paths":[{"path":"/","pathType":"Prefix",
            "backend":{"service":{"name":"web","port":{"number":80}}}}]}}]}}
            """#,
            #"["x","nginx","a.example","","80, 443","5s"]"#
        ),
        (
            "IngressClass",
            #"""
            {"spec":{"controller":"example.com/ingress",
            "parameters":{"apiGroup":"example.com","kind":"Settings","name":"s"}}}
            """#,
            #"["x","example.com/ingress","Settings.example.com/s","5s"]"#
        ),
        (
            "LimitRange",
            #"{"spec":{"limits":[{"type":"Container","max":{"cpu":"2"},"min":{"cpu":"1"}}]}}"#,
            #"["x","2026-01-01T11:59:55Z"]"#
        ),
        (
            "MutatingWebhookConfiguration", "{\"webhooks\":[\(webhook)]}",
            #"["x",1,"5s"]"#
        ),
        (
            "NetworkPolicy",
            #"""
            {"spec":{"podSelector":{"matchLabels":{"app":"db"}},"ingress":[{"from":
            [{"ipBlock":{"cidr":"10.0.0.0/8","except":["10.1.0.0/16"]}}],
            "ports":[{"port":5432,"endPort":5440}]}]}}
            """#,
            #"["x","app=db","5s"]"#
        ),
        (
            "PriorityLevelConfiguration",
            #"""
            {"spec":{"type":"Limited","limited":{"limitResponse":{"type":"Queue"}}}}
            """#,
            #"["x","Limited","30","64","8","50","5s"]"#
        ),
        (
            "DeviceClass",
            #"{"spec":{"selectors":[{"cel":{"expression":"device.driver == 'd.example'"}}]}}"#,
            #"["x","5s"]"#
        ),
        (
            "ResourceClaim",
            #"{"spec":{"devices":{"requests":[{"name":"r","exactly":{"deviceClassName":"c"}}]}}}"#,
            #"["x","pending","5s"]"#
        ),
        (
            "ResourceClaimTemplate",
            #"""
            {"spec":{"spec":{"devices":{"requests":[{"name":"r","firstAvailable":[
            {"name":"a","deviceClassName":"c"}]}],"constraints":[{"requests":["r/a"],
            "matchAttribute":"d.example/numa"}]}}}}
            """#,
            #"["x","5s"]"#
        ),
        (
            "ResourceSlice",
            #"""
            {"spec":{"driver":"d.example","pool":{"name":"p","generation":1,
            "resourceSliceCount":1},"nodeName":"n","devices":[{"name":"d0",
            "attributes":{"model":{"string":"m"}},"capacity":{"memory":{"value":"1Gi"}}}]}}
            """#,
            #"["x","n","d.example","p","5s"]"#
        ),
        (
            "ResourceQuota",
            #"{"spec":{"hard":{"pods":"10","requests.cpu":"4","limits.cpu":"8"}}}"#,
            #"["x","","","5s"]"#
        ),
        ("ServiceCIDR", #"{"spec":{"cidrs":["10.3.0.0/16"]}}"#, #"["x","10.3.0.0/16","5s"]"#),
        (
            "ValidatingAdmissionPolicy",
            #"""
            {"spec":{"paramKind":{"apiVersion":"v1","kind":"ConfigMap"},
            "matchConstraints":{"resourceRules":[{"operations":["CREATE"],"apiGroups":["apps"],
            "apiVersions":["v1"],"resources":["deployments"]}]},
            "validations":[{"expression":"object.spec.replicas <= 5"}]}}
            """#,
            #"["x",1,"v1/ConfigMap","5s"]"#
        ),
        (
            "ValidatingAdmissionPolicyBinding",
            #"""
            {"spec":{"policyName":"p","validationActions":["Deny"],
            "paramRef":{"name":"c","namespace":"ns","parameterNotFoundAction":"Deny"}}}
            """#,
            #"["x","p","ns/c","5s"]"#
        ),
        (
            "ValidatingWebhookConfiguration", "{\"webhooks\":[\(webhook)]}",
            #"["x",1,"5s"]"#
        ),
    ]

    private static let webhook = #"""
        {"name":"pods.example.com","sideEffects":"None","admissionReviewVersions":["v1"],
        "clientConfig":{"service":{"namespace":"ns","name":"hook"}},
        "rules":[{"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],
        "resources":["pods"]}]}
        """#

    /// A block of PEM of the right kind, in base64. What is in it, the signer finds out.
    static let certificateRequest = """
        LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlJQgotLS0tLUVORCBDRVJUSUZJQ0FURSBSRVFV\
        RVNULS0tLS0K
        """
}

import APIModel
import JSON
import Testing

@testable import Resources

/// What is wrong with objects that govern others: every cause at once.
@Suite struct ControlRuleTests {
    static let cases: [(kind: String, object: String, errors: [String])] = [
        (
            "CertificateSigningRequest",
            #"{"spec":{"request":"bm8=","signerName":"plain","usages":["fly"]}}"#,
            [
                #"spec.request: Invalid value: "bm8=": PEM block type must be CERTIFICATE REQUEST"#,
                #"spec.usages[0]: Unsupported value: "fly": supported values: "any", "#
                    + #""cert sign", "client auth", "code signing", "content commitment", "#
                    + #""crl sign", "data encipherment", "decipher only", "digital signature", "#
                    + #""email protection", "encipher only", "ipsec end system", "ipsec tunnel", "#
                    + #""ipsec user", "key agreement", "key encipherment", "microsoft sgc", "#
                    + #""netscape sgc", "ocsp signing", "s/mime", "server auth", "signing", "#
                    + #""timestamping""#,
                #"spec.signerName: Invalid value: "plain": must be a domain-prefixed path (such "#
                    + #"as "acme.io/foo")"#,
            ]
        ),
        (
            "ValidatingWebhookConfiguration",
            #"""
            {"webhooks":[{"name":"short","sideEffects":"Some","admissionReviewVersions":["v9"],
            "clientConfig":{"url":"http://a"},"rules":[{"operations":["*","CREATE"],
            "apiGroups":[""],"apiVersions":["v1"],"resources":["pods/*","pods/log"]}]}]}
            """#,
            [
                #"webhooks[0].name: Invalid value: "short": should be a domain with at least "#
                    + "three segments separated by dots",
                #"webhooks[0].admissionReviewVersions: Invalid value: ["v9"]: must include at "#
                    + "least one of v1, v1beta1",
                #"webhooks[0].rules[0].operations: Invalid value: ["*","CREATE"]: if '*' is "#
                    + "present, must not specify other operations",
                #"webhooks[0].rules[0].resources[1]: Invalid value: "pods/log": if 'pods/*' is "#
                    + "present, must not specify pods/log",
                #"webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "#
                    + #""NoneOnDryRun""#,
                #"webhooks[0].clientConfig.url: Invalid value: "http://a": 'https' is the only "#
                    + "allowed URL scheme; desired format: https://host[/path]",
            ]
        ),
        (
            "ValidatingAdmissionPolicy",
            #"{"spec":{"matchConstraints":{},"variables":[{"name":"1st","expression":"1"}]}}"#,
            [
                "spec.validations: Required value: validations or auditAnnotations must be "
                    + "non-empty",
                "spec.auditAnnotations: Required value: validations or auditAnnotations must be "
                    + "non-empty",
                #"spec.variables[0].name: Invalid value: "1st": name is not a valid CEL "#
                    + "identifier",
                "spec.matchConstraints.resourceRules: Required value",
            ]
        ),
        (
            "ValidatingAdmissionPolicyBinding",
            #"{"spec":{"policyName":"p","validationActions":["Deny","Warn"],"paramRef":{}}}"#,
            [
                "spec.paramRef.parameterNotFoundAction: Required value",
                #"spec.validationActions: Invalid value: ["Deny","Warn"]: must not contain both "#
                    + "Deny and Warn (repeating the same validation failure information in the "
                    + "API response and headers serves no purpose)",
                "spec.paramRef: Required value: one of name or selector must be specified",
            ]
        ),
        (
            "FlowSchema",
            #"""
            {"spec":{"matchingPrecedence":1,"priorityLevelConfiguration":{"name":"l"},
            "rules":[{"subjects":[{"kind":"User","group":{"name":"g"}}],"resourceRules":[
            {"verbs":["*","get"],"apiGroups":["*"],"resources":["*"]}]}]}}
            """#,
            [
                "spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may "
                    + "have matchingPrecedence 1",
                "spec.rules[0].subjects[0].group: Forbidden: group is forbidden when subject kind "
                    + "is not group",
                "spec.rules[0].subjects[0].user: Required value: user is required when subject "
                    + "kind is user",
                #"spec.rules[0].resourceRules[0].verbs: Invalid value: ["*","get"]: if '*' is "#
                    + "present, must not specify other verbs",
                "spec.rules[0].resourceRules[0].namespaces: Required value: resource rules that "
                    + "are not cluster scoped must supply at least one namespace",
            ]
        ),
        (
            "PriorityLevelConfiguration",
            #"""
            {"spec":{"type":"Limited","exempt":{},"limited":{"limitResponse":{"type":"Queue",
            "queuing":{"queues":4,"handSize":5}}}}}
            """#,
            [
                "spec.exempt: Forbidden: must be nil if the type is Limited",
                "spec.limited.limitResponse.queuing.handSize: Invalid value: 5: should not be "
                    + "greater than queues (4)",
            ]
        ),
        (
            "APIService",
            #"""
            {"spec":{"group":"example.com","version":"v1","groupPriorityMinimum":1,
            "versionPriority":1001,"insecureSkipTLSVerify":true}}
            """#,
            [
                "spec.versionPriority: Invalid value: 1001: must be between 1 and 1000, inclusive",
                #"metadata.name: Invalid value: "x": must be `spec.version+"."+spec.group`: "#
                    + #""v1.example.com""#,
                "spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have "
                    + "insecureSkipTLSVerify",
            ]
        ),
        (
            "HorizontalPodAutoscaler",
            #"""
            {"spec":{"scaleTargetRef":{"kind":"D","name":"d"},"minReplicas":3,"maxReplicas":2,
            "metrics":[{"type":"Pods","resource":{"name":"cpu","target":{"type":"Value"}}},
            {"type":"Resource","resource":{"name":"cpu","target":{"type":"Other"}}}],
            "behavior":{"scaleDown":{"stabilizationWindowSeconds":3601,"policies":[
            {"type":"Pods","value":0,"periodSeconds":1801}]}}}}
            """#,
            [
                "spec.maxReplicas: Invalid value: 2: must be greater than or equal to "
                    + "`minReplicas`",
                "spec.metrics[0].resource: Forbidden: must populate the given metric source only",
                "spec.metrics[0].pods: Required value: must populate information for the given "
                    + "metric source",
                #"spec.metrics[1].resource.target.type: Invalid value: "Other": must be either "#
                    + "Utilization, Value, or AverageValue",
                "spec.metrics[1].resource.target.averageUtilization: Required value: must set "
                    + "either a target raw value or a target utilization",
                "spec.behavior.scaleDown.stabilizationWindowSeconds: Invalid value: 3601: must be "
                    + "less than or equal to 3600",
                "spec.behavior.scaleDown.policies[0].value: Invalid value: 0: must be greater "
                    + "than zero",
                "spec.behavior.scaleDown.policies[0].periodSeconds: Invalid value: 1801: must be "
                    + "less than or equal to 1800",
            ]
        ),
        (
            "ResourceClaim",
            #"""
            {"spec":{"devices":{"requests":[{"name":"r"},{"name":"r","exactly":
            {"deviceClassName":"c","allocationMode":"All","count":2,"selectors":[{}]}}],
            "config":[{"requests":["q"]}]}}}
            """#,
            [
                "spec.devices.requests[0]: Required value: exactly one of `exactly` or "
                    + "`firstAvailable` is required",
                "spec.devices.requests[1].name: Duplicate value: \"r\"",
                "spec.devices.requests[1].exactly.selectors[0].cel: Required value",
                "spec.devices.requests[1].exactly.count: Invalid value: 2: must not be specified "
                    + "when allocationMode is 'All'",
                "spec.devices.config[0].requests[0]: Invalid value: \"q\": must be the name of a "
                    + "request in the claim or the name of a request and a subrequest separated "
                    + "by '/'",
            ]
        ),
        (
            "ResourceSlice",
            #"""
            {"spec":{"driver":"d.example","pool":{"name":"p","generation":1,
            "resourceSliceCount":1},"nodeName":"n","allNodes":true,"devices":[
            {"name":"d","attributes":{"a":{}}}]}}
            """#,
            [
                #"spec: Invalid value: ["nodeName","allNodes"]: exactly one of `nodeName`, "#
                    + "`nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required, but "
                    + "multiple fields are set",
                "spec.devices[0].attributes[a]: Required value: exactly one value must be "
                    + "specified",
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
}

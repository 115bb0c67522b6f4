// The classes that claims and Ingresses get, and claims that grow.

import APIServer
import JSON
import Testing

@Suite struct StorageAdmissionTests {
    private static let mark: JSONObject = [
        "annotations": ["storageclass.kubernetes.io/is-default-class": "true"]
    ]
    private static let classes = "/apis/storage.k8s.io/v1/storageclasses"

    @Test func `a claim gets the newest default class, unless it says something`() async throws {
        try await TestGateway.run { gateway in
            let early = try await gateway.claim("early")
            #expect(early.spec["storageClassName"] == nil)
            for name in ["zeta", "beta"] {
                try await gateway.make(
                    Self.classes, name, ["provisioner": "p"],
                    metadata: Self.mark)
            }
            let first = try await gateway.claim("first")
            #expect(first.spec["storageClassName"] == "beta")
            await gateway.advance(seconds: 5)
            try await gateway.make(
                Self.classes, "newer", ["provisioner": "p"],
                metadata: Self.mark)
            let second = try await gateway.claim("second")
            #expect(second.spec["storageClassName"] == "newer")
            let none = try await gateway.claim("none", spec: ["storageClassName": ""])
            #expect(none.spec["storageClassName"] == "")
        }
    }

    @Test func `an Ingress gets the default class`() async throws {
        try await TestGateway.run { gateway in
            try await gateway.make(
                "/apis/networking.k8s.io/v1/ingressclasses", "usual",
                ["spec": ["controller": "example.com/c"]],
                metadata: [
                    "annotations": ["ingressclass.kubernetes.io/is-default-class": "true"]
                ])
            let ingress = try await gateway.make(
                "/apis/networking.k8s.io/v1/namespaces/default/ingresses", "web",
                [
                    "spec": [
                        "defaultBackend": ["service": ["name": "s", "port": ["number": 80]]]
                    ]
                ])
            #expect(ingress.spec["ingressClassName"] == "usual", "\(ingress.body)")
        }
    }

    @Test func `a claim grows when it is bound and its class allows it`() async throws {
        try await TestGateway.run { gateway in
            for (name, isGrowing) in [("fixed", false), ("growing", true)] {
                try await gateway.make(
                    Self.classes, name,
                    ["provisioner": "p", "allowVolumeExpansion": .bool(isGrowing)])
                try await gateway.claim(name, spec: ["storageClassName": .string(name)])
            }
            let more: JSONValue = ["spec": ["resources": ["requests": ["storage": "2Gi"]]]]
            let unbound = try await gateway.merge(more, into: "\(TestGateway.claims)/growing")
            #expect(unbound.status >= 400)
            for name in ["fixed", "growing"] {
                let claim = "\(TestGateway.claims)/\(name)"
                try await gateway.merge(["spec": ["volumeName": "v"]], into: claim)
                try await gateway.merge(["status": ["phase": "Bound"]], into: claim + "/status")
            }
            let fixed = try await gateway.merge(more, into: "\(TestGateway.claims)/fixed")
            #expect(
                fixed.message
                    == #"persistentvolumeclaims "fixed" is forbidden: only dynamically "#
                    + "provisioned pvc can be resized and the storageclass that provisions the pvc "
                    + "must support resize")
            let growing = try await gateway.merge(more, into: "\(TestGateway.claims)/growing")
            #expect(growing.status == 200, "\(growing.body)")
        }
    }
}

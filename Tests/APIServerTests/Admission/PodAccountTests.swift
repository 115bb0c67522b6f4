// Each pod acts for a service account.

import APIServer
import JSON
import Testing

@Suite struct PodAccountTests {
    private func run(_ body: (TestGateway) async throws -> Void) async throws {
        let gateway = try await TestGateway { $0.makesDefaultAccounts = true }
        try await gateway.run(body)
    }

    private static let accounts = "/api/v1/namespaces/default/serviceaccounts"
    private static let path = "/var/run/secrets/kubernetes.io/serviceaccount"

    @Test func `a pod has the default account, and finds its token`() async throws {
        try await run { gateway in
            let pod = try await gateway.pod("p")
            #expect(pod.status == 201)
            #expect(pod.spec["serviceAccountName"] == "default")
            #expect(pod.spec["serviceAccount"] == "default")
            let mount = pod.spec["containers"]?[0]?["volumeMounts"]?[0]
            #expect(mount?["mountPath"] == .string(Self.path))
            #expect(mount?["readOnly"] == true)
            let volume = pod.spec["volumes"]?[0]
            #expect(volume?["name"] == mount?["name"])
            #expect(volume?["name"]?.string?.hasPrefix("kube-api-access-") == true)
            let sources = volume?["projected"]?["sources"]?.array ?? []
            #expect(
                sources.compactMap { $0.object?.keys.first } == [
                    "serviceAccountToken", "configMap", "downwardAPI",
                ])
        }
    }

    @Test func `an account that is not there is refused`() async throws {
        try await run { gateway in
            let pod = try await gateway.pod("p", spec: ["serviceAccountName": "build"])
            #expect(pod.status == 403)
            #expect(
                pod.message
                    == #"pods "p" is forbidden: error looking up service account default/build: "#
                    + #"serviceaccount "build" not found"#)
        }
    }

    @Test func `the account says whether its token is mounted, and the pod has the last word`()
        async throws
    {
        try await run { gateway in
            try await gateway.make(
                Self.accounts, "quiet",
                [
                    "automountServiceAccountToken": false,
                    "imagePullSecrets": [["name": "registry"]],
                ])
            let quiet = try await gateway.pod("quiet", spec: ["serviceAccountName": "quiet"])
            #expect(quiet.spec["volumes"] == nil)
            #expect(quiet.spec["imagePullSecrets"] == [["name": "registry"]])
            let wanting = try await gateway.pod(
                "wanting",
                spec: ["serviceAccountName": "quiet", "automountServiceAccountToken": true])
            #expect(wanting.spec["volumes"]?.array?.count == 1)
        }
    }

    @Test func `a pod that comes with its namespace does not wait for the account`() async throws {
        try await run { gateway in
            for number in 0..<20 {
                try await gateway.make("/api/v1/namespaces", "n\(number)")
                let pod = try await gateway.make(
                    "/api/v1/namespaces/n\(number)/pods", "p",
                    ["spec": ["containers": [["name": "c", "image": "nginx:1"]]]])
                #expect(pod.status == 201, "\(pod.body)")
            }
            let nowhere = try await gateway.make(
                "/api/v1/namespaces/nowhere/pods", "p",
                ["spec": ["containers": [["name": "c", "image": "nginx:1"]]]])
            #expect(nowhere.status == 404)
            #expect(nowhere.message == #"namespaces "nowhere" not found"#)
        }
    }
}

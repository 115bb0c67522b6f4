// Kubeconfigs, pods' own settings, and patience.

import Glibc
import HTTPClient
import HTTPWire
import Testing

@testable import APIClient

@Suite final class ConfigurationTests: Sendable {
    private let path: String

    init() {
        var template = Array("/tmp/binnacle-config-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        close(descriptor)
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { unlink(path) }

    private func read(_ text: String) throws -> Configuration {
        let file = fopen(path, "w")
        fputs(text, file)
        fclose(file)
        return try Configuration.kubeconfig(path)
    }

    private func config(cluster: String = "server: http://127.0.0.1:8080", user: String) -> String {
        """
        apiVersion: v1
        kind: Config
        current-context: here
        contexts:
        - name: there
          context: {cluster: none, user: none}
        - name: here
          context: {cluster: c, user: u, namespace: mine}
        clusters:
        - name: c
          cluster: {\(cluster)}
        users:
        - name: u
          user: {\(user)}
        """
    }

    @Test func `the current context says where, who and in which namespace`() throws {
        let configuration = try read(config(user: "token: secret"))
        #expect(configuration.servers.map(\.description) == ["http://127.0.0.1:8080"])
        #expect(configuration.namespace == "mine")
        guard case .fixed("secret") = configuration.token else {
            Issue.record("\(configuration.token)")
            return
        }
    }

    @Test(arguments: [
        ("server: http://a", "exec: {command: x}", "exec is not supported"),
        ("server: http://a", "username: x", "username is not supported"),
        ("server: https://a, insecure-skip-tls-verify: true", "token: x", "give the authority"),
        ("server: https://a, certificate-authority-data: '%'", "token: x", "is not base64"),
        ("server: https://a, certificate-authority: /no/such/file", "token: x", "/no/such/file"),
        ("server: nowhere", "token: x", "the cluster has no server"),
    ]) func `what cannot be honoured is refused by name`(
        _ cluster: String, _ user: String, _ reason: String
    ) {
        #expect {
            _ = try read(config(cluster: cluster, user: user))
        } throws: { "\($0)".contains(reason) }
    }

    @Test func `a pod finds its servers in its environment`() throws {
        #expect(throws: ConfigurationError.self) {
            try Configuration.inCluster(environment: { _ in nil })
        }
    }

    @Test func `a busy server is obeyed within limits`() {
        var patience = Patience(Limits())
        #expect(patience.wait(after: .ok, retryAfter: nil, isRepeatable: true) == nil)
        #expect(
            patience.wait(after: .serviceUnavailable, retryAfter: 1, isRepeatable: false) == nil)
        #expect(
            patience.wait(after: .serviceUnavailable, retryAfter: 2, isRepeatable: true)
                == .seconds(2))
        #expect(
            patience.wait(after: .tooManyRequests, retryAfter: 9_999, isRepeatable: false)
                == .seconds(30))
        for _ in 0..<6 {
            #expect(
                patience.wait(after: .tooManyRequests, retryAfter: nil, isRepeatable: false) != nil)
        }
        #expect(patience.wait(after: .tooManyRequests, retryAfter: 1, isRepeatable: true) == nil)
    }

    @Test func `paths are encoded, so that no name becomes another path`() {
        let pods = Resource("pods", in: "a/../b")
        #expect(pods.path(of: "x?y", "status") == "/api/v1/namespaces/a%2F..%2Fb/pods/x%3Fy/status")
        #expect(Resource("deployments", group: "apps").path == "/apis/apps/v1/deployments")
        #expect(
            PercentEncoding.query([("labelSelector", "a in (b,c)")])
                == "?labelSelector=a%20in%20%28b%2Cc%29")
    }
}

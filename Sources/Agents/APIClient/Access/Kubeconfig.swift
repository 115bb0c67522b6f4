// A kubeconfig as kubectl reads it.

import APIModel
import Buffers
import Crypto
import HTTPClient
import TLS
import Yams

extension Configuration {
    /// Reads a kubeconfig.
    /// - Parameters:
    ///   - context: which of its contexts; nil for the current one.
    ///   - further: more servers over the same store than the file's one.
    /// - Throws: `ConfigurationError` for what is missing, or asks for what is not supported here:
    ///   plugins for credentials, passwords, and trust without authorities.
    public static func kubeconfig(
        _ path: String, context: String? = nil, further: [Endpoint] = []
    ) throws(ConfigurationError) -> Configuration {
        let text = String(try SmallFile.read(path))
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw ConfigurationError("\(path): it is not YAML: \(error)")
        }
        guard let root else { throw ConfigurationError("\(path): it is empty") }
        return try KubeconfigReader(path: path, root: root).read(context, further)
    }
}

/// One kubeconfig.
private struct KubeconfigReader {
    let path: String
    let root: Node

    func read(
        _ wanted: String?, _ further: [Endpoint]
    ) throws(ConfigurationError) -> Configuration {
        guard let name = wanted ?? text(root, "current-context") else {
            throw failure("no context is current; name one")
        }
        let context = try entry("contexts", name, "context")
        let cluster = try entry("clusters", text(context, "cluster") ?? "", "cluster")
        let user = try text(context, "user").map { name throws(ConfigurationError) in
            try entry("users", name, "user")
        }
        guard let server = text(cluster, "server").flatMap(Endpoint.init) else {
            throw failure("the cluster has no server such as https://name:6443")
        }
        var result = Configuration(servers: [server] + further.filter { $0 != server })
        if result.servers.contains(where: \.isSecure) {
            result.security = try security(cluster, user)
        }
        if let user { result.token = try token(user) }
        if let namespace = text(context, "namespace") { result.namespace = namespace }
        return result
    }

    private func token(_ user: Node) throws(ConfigurationError) -> Configuration.Token {
        for field in ["exec", "auth-provider", "username", "password"]
        where user.mapping?[Node(field)] != nil {
            throw failure("users: \(field) is not supported; use a certificate or a token")
        }
        if let token = text(user, "token") { return .fixed(token) }
        return text(user, "tokenFile").map { .file(resolved($0)) } ?? .none
    }

    private func security(
        _ cluster: Node, _ user: Node?
    ) throws(ConfigurationError) -> Security {
        if text(cluster, "insecure-skip-tls-verify") == "true" {
            throw failure("insecure-skip-tls-verify is not supported; give the authority")
        }
        let name = text(cluster, "tls-server-name")
        let authorities = text(cluster, "certificate-authority").map(resolved)
        let certificate = user.flatMap { text($0, "client-certificate") }.map(resolved)
        let key = user.flatMap { text($0, "client-key") }.map(resolved)
        let holdsData =
            text(cluster, "certificate-authority-data") != nil
            || user.flatMap { text($0, "client-certificate-data") } != nil
            || user.flatMap { text($0, "client-key-data") } != nil
        if !holdsData {
            guard (certificate == nil) == (key == nil) else {
                throw failure("a client certificate needs its key, and the other way round")
            }
            var pair: CertificateFiles.Pair?
            if let certificate, let key {
                pair = CertificateFiles.Pair(certificate: certificate, key: key)
            }
            return try .files(authorities: authorities, pair, serverName: name)
        }
        var settings = TLSClientSettings(
            authorities: try content(cluster, "certificate-authority"))
        if let user, let chain = try content(user, "client-certificate") {
            guard let key = try content(user, "client-key") else {
                throw failure("a client certificate needs its key")
            }
            settings.certificate = TLSCertificate(chain: chain, key: key)
        }
        return try .fixed(settings, serverName: name)
    }

    /// What is embedded under `field`-data, else the file that `field` names.
    private func content(_ node: Node, _ field: String) throws(ConfigurationError) -> Bytes? {
        if let data = text(node, "\(field)-data") {
            guard let bytes = Base64.decode(data.filter { !$0.isWhitespace }) else {
                throw failure("\(field)-data is not base64")
            }
            return Bytes(bytes)
        }
        guard let path = text(node, field) else { return nil }
        return try SmallFile.read(resolved(path))
    }

    /// Relative paths start at the file's own directory.
    private func resolved(_ name: String) -> String {
        guard !name.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return name }
        return path[...slash] + name
    }

    private func entry(
        _ list: String, _ name: String, _ field: String
    ) throws(ConfigurationError) -> Node {
        let entries = root.mapping?[Node(list)]?.sequence
        let found = entries?.first { text($0, "name") == name }
        guard let found, let value = found.mapping?[Node(field)] else {
            throw failure("\(list): there is none called \(name)")
        }
        return value
    }

    private func text(_ node: Node, _ field: String) -> String? {
        guard let text = node.mapping?[Node(field)]?.scalar?.string, !text.isEmpty else {
            return nil
        }
        return text
    }

    private func failure(_ what: String) -> ConfigurationError {
        ConfigurationError("\(path): \(what)")
    }
}

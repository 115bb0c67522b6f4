// Where the API is, whom to believe, and who is asking.

import Buffers
import Crypto
import EventLoops
import HTTPClient
import Synchronization
import TLS

/// Settings with which no client can be made.
public struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

/// How a client reaches the API and says who it is.
public struct Configuration: Sendable {
    /// Who is asking, beside a certificate.
    public enum Token: Sendable {
        case none
        case fixed(String)
        /// A file that is read again each minute: tokens of service accounts are renewed in place.
        case file(String)
    }

    /// Servers over one store; the nearest one that works is used.
    public var servers: [Endpoint]
    /// Needed for servers with https.
    public var security: Security?
    public var token = Token.none
    /// Where namespaced resources are looked for when nothing else is said.
    public var namespace = "default"

    public init(servers: [Endpoint], security: Security? = nil) {
        self.servers = servers
        self.security = security
    }

    /// What a pod has: the servers' address in its environment, and its service account's files.
    /// - Throws: `ConfigurationError` outside of a pod.
    public static func inCluster(
        environment: (String) -> String?,
        directory: String = "/var/run/secrets/kubernetes.io/serviceaccount"
    ) throws(ConfigurationError) -> Configuration {
        guard let host = environment("KUBERNETES_SERVICE_HOST"),
            let port = environment("KUBERNETES_SERVICE_PORT").flatMap({ UInt16($0) })
        else { throw ConfigurationError("KUBERNETES_SERVICE_HOST and _PORT are not set") }
        let server = Endpoint(isSecure: true, host: host, port: port)
        var result = Configuration(
            servers: [server],
            security: try .files(authorities: "\(directory)/ca.crt", nil, serverName: nil))
        result.token = .file("\(directory)/token")
        if let namespace = try? SmallFile.read("\(directory)/namespace"), !namespace.isEmpty {
            result.namespace = String(namespace)
        }
        return result
    }
}

extension Security {
    /// Certificates in files, read again when they change.
    static func files(
        authorities: String?, _ pair: CertificateFiles.Pair?, serverName: String?
    ) throws(ConfigurationError) -> Security {
        do {
            let files = try ClientFiles(authorities: authorities, certificate: pair)
            return Security(serverName: serverName) { files.context() }
        } catch {
            throw ConfigurationError(error.description)
        }
    }

    /// Certificates that stay.
    static func fixed(
        _ settings: TLSClientSettings, serverName: String?
    ) throws(ConfigurationError) -> Security {
        do {
            let context = try TLSContext(client: settings)
            return Security(serverName: serverName) { context }
        } catch {
            throw ConfigurationError(error.description)
        }
    }
}

/// The token of a configuration, as it is now.
final class TokenSource: Sendable {
    private struct Read {
        var token: String
        var time: LoopTime
    }

    /// Tokens are renewed long before they expire.
    private static let age = Duration.seconds(60)

    private let token: Configuration.Token
    private let clock: any LoopClock
    private let read = Mutex<Read?>(nil)

    init(_ token: Configuration.Token, _ clock: any LoopClock = MonotonicClock()) {
        self.token = token
        self.clock = clock
    }

    /// Nil when there is none. While a file cannot be read, what it held before counts.
    var present: String? {
        switch token {
        case .none: return nil
        case .fixed(let text): return text
        case .file(let path):
            return read.withLock { read in
                if let read, clock.now - read.time < Self.age { return read.token }
                if let bytes = try? SmallFile.read(path) {
                    let text = String(bytes).filter { !$0.isWhitespace }
                    read = Read(token: text, time: clock.now)
                }
                return read?.token
            }
        }
    }
}

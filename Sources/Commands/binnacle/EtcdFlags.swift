// The flags of an etcd cluster as the store.

import ArgumentParser
import Crypto
import EtcdStorage
import EventLoops
import HTTPClient
import Logging
import TLS

/// Where etcd is, and what it is to be asked with. The names are kube-apiserver's as far as it has
/// them.
struct EtcdFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The client URLs of etcd's members, with commas between them.",
            valueName: "url,url"))
    var etcdEndpoints: EndpointList?

    @Option(help: "Where the store's keys begin in etcd.")
    var etcdPrefix: String = "/binnacle"

    @Option(help: "Who has signed the members' certificates, in PEM. Read again when it changes.")
    var etcdCacert: String?

    @Option(help: "The certificate that is shown to the members, in PEM.")
    var etcdCert: String?

    @Option(help: "The private key of --etcd-cert, in PEM.")
    var etcdKey: String?

    @Option(
        help: """
            How often etcd's history is compacted, by one of the gateways: at least so much of it \
            stays. `off` leaves that to somebody else.
            """)
    var etcdCompactionInterval: CompactionInterval = CompactionInterval(argument: "5m")!

    @Option(
        help: """
            Keep the part of etcd's history that the slowest gateway's journal still lacks, until \
            that gateway has been silent for so long. Without it, a gateway that was away for \
            longer finds by comparing what it missed.
            """)
    var etcdSpareJournals: Age?

    func validate() throws {
        guard (etcdCert == nil) == (etcdKey == nil) else {
            throw ValidationError("--etcd-cert and --etcd-key: give both or none")
        }
        guard etcdPrefix.hasPrefix("/"), etcdPrefix.count > 1 else {
            throw ValidationError("--etcd-prefix \(etcdPrefix): must begin with a slash and a name")
        }
    }

    /// What is wrong with these flags for a server.
    func check(_ store: StoreChoice) throws {
        let usesEtcd = store == .etcd
        guard usesEtcd == (etcdEndpoints != nil) else {
            throw ValidationError(
                usesEtcd
                    ? "--store etcd needs --etcd-endpoints"
                    : "--etcd-endpoints are of no use with --store \(store.rawValue)")
        }
    }

    /// - Parameter gateway: the name of this process among those that share the store.
    /// - Throws: `StartFailure` when a file cannot be used.
    func store(on loop: EventLoop, gateway: String, _ log: Logger) throws -> EtcdStore {
        var options = EtcdStore.Options(gateway: gateway)
        options.prefix = etcdPrefix
        return EtcdStore(
            etcdEndpoints?.endpoints ?? [], on: loop, security: try security(log),
            options: options)
    }

    private func security(_ log: Logger) throws -> Security? {
        guard let endpoints = etcdEndpoints?.endpoints, endpoints.contains(where: \.isSecure)
        else { return nil }
        var pair: CertificateFiles.Pair?
        if let etcdCert, let etcdKey {
            pair = CertificateFiles.Pair(certificate: etcdCert, key: etcdKey)
        }
        do {
            let files = try ClientFiles(authorities: etcdCacert, certificate: pair) {
                Self.log($0, to: log)
            }
            return Security { files.context() }
        } catch {
            throw StartFailure(description: "--etcd-cacert, --etcd-cert, --etcd-key: \(error)")
        }
    }

    private static func log(_ report: CertificateFiles.Report, to log: Logger) {
        switch report {
        case .reloaded: log.notice("the certificates for etcd have changed")
        case .unusable(let error):
            log.error("the certificates for etcd have changed and cannot be used: \(error)")
        }
    }
}

/// `http://10.0.0.1:2379,http://10.0.0.2:2379`
struct EndpointList: ExpressibleByArgument, CustomStringConvertible {
    let endpoints: [Endpoint]
    let description: String

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        let endpoints = parts.compactMap { Endpoint(String($0)) }
        guard !parts.isEmpty, endpoints.count == parts.count else { return nil }
        self.endpoints = endpoints
        description = argument
    }
}

/// `5m`, or `off`.
struct CompactionInterval: ExpressibleByArgument, CustomStringConvertible {
    let duration: Duration?
    let description: String

    init?(argument: String) {
        description = argument
        if argument == "off" {
            duration = nil
        } else if let age = Age(argument: argument) {
            duration = age.duration
        } else {
            return nil
        }
    }
}

// What etcd is asked with, and for which keys.

import ArgumentParser
import Crypto
import EtcdStorage
import EventLoops
import HTTPClient
import Logging
import TLS

/// The flags of every command that reaches etcd. The names are kube-apiserver's as far as it has
/// them.
struct EtcdAccess: ParsableArguments {
    /// Where a store begins unless told otherwise.
    static let prefix = "/binnacle"

    @Option(help: "Where the store's keys begin in etcd.")
    var etcdPrefix: String = Self.prefix

    @Option(help: "Who has signed the members' certificates, in PEM. Read again when it changes.")
    var etcdCacert: String?

    @Option(help: "The certificate that is shown to the members, in PEM.")
    var etcdCert: String?

    @Option(help: "The private key of --etcd-cert, in PEM.")
    var etcdKey: String?

    func validate() throws {
        guard (etcdCert == nil) == (etcdKey == nil) else {
            throw ValidationError("--etcd-cert and --etcd-key: give both or none")
        }
        guard etcdPrefix.hasPrefix("/"), etcdPrefix.count > 1 else {
            throw ValidationError("--etcd-prefix \(etcdPrefix): must begin with a slash and a name")
        }
    }

    /// - Parameters:
    ///   - endpoints: the members' client URLs.
    ///   - gateway: the name of this process among those that share the store.
    /// - Throws: `StartFailure` when a file cannot be used.
    func store(
        at endpoints: [Endpoint], on loop: EventLoop, gateway: String, _ log: Logger
    ) throws -> EtcdStore {
        var options = EtcdStore.Options(gateway: gateway)
        options.prefix = etcdPrefix
        return EtcdStore(
            endpoints, on: loop, security: try security(endpoints, log), options: options)
    }

    private func security(_ endpoints: [Endpoint], _ log: Logger) throws -> Security? {
        guard endpoints.contains(where: \.isSecure) else { return nil }
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

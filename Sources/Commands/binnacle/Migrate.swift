// `binnacle migrate`: from one machine's store to a cluster's.

import ArgumentParser
import Crypto
import EtcdStorage
import EventLoops
import Glibc
import HTTPClient
import Logging
import PKI
import SQLiteStorage
import Storage

struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy all objects of a data directory into etcd, for several gateways.",
        discussion: """
            The server of the data directory must have stopped, and nothing may be there under \
            etcd's prefix. The data directory is only read. Positions of clients from before are \
            answered with 410 once, since etcd counts its own revisions.
            """)

    @Option(help: "What to copy: sqlite:DIR, the data directory of a server that has stopped.")
    var from: MigrationSource

    @Option(help: "Where to: etcd:URL,URL, the client URLs of etcd's members.")
    var to: MigrationTarget

    @OptionGroup(title: "etcd") var access: EtcdAccess

    @Flag(help: "Begin again after a copy that was broken off, removing what it has left in etcd.")
    var restart = false

    func run() async throws {
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        do {
            try await migrate()
        } catch {
            throw StartFailure(description: "binnacle: \(error)")
        }
    }

    private func migrate() async throws {
        let began = ContinuousClock.now
        let path = "\(from.directory)/store.sqlite"
        guard Glibc.access(path, F_OK) == 0 else {
            throw StartFailure(description: "--from: there is no \(path)")
        }
        // Held open until the end: no server can start on it meanwhile.
        let source = try await SQLiteStore(path: path)
        let tokenKey = try PKIDirectory(dataDirectory: from.directory).prepare(
            PKIRequest(servingNames: nil, trustsOwnAuthority: false), now: .now
        ).serviceAccountKey
        let group = try EventLoopGroup(count: 1)
        let target = try access.store(
            at: to.endpoints, on: group.loops[0], gateway: "migration",
            Logger(label: "binnacle"))
        let migration = Migration(into: target) { Self.tell(Self.text($0)) }
        let summary = try await migration.run(from: source, restarts: restart)
        try await ClusterKeys(tokenKey: tokenKey).settle(in: target)
        await target.close()
        await source.close()
        group.shutDown()
        Self.tell(text(summary, ContinuousClock.now - began))
    }

    private static func text(_ progress: Migration.Progress) -> String {
        switch progress {
        case .found(let itemCount, let byteCount, let revision):
            "found \(itemCount) objects, \(byteCount) bytes, at revision \(revision)"
        case .copied(let itemCount): "copied \(itemCount) objects"
        case .compared(let itemCount): "read back \(itemCount) objects: all as they were"
        case .passing(let from, let through):
            "etcd is at revision \(from): moving it past \(through)"
        }
    }

    private func text(_ summary: Migration.Summary, _ duration: Duration) -> String {
        let directory = from.directory
        let milliseconds = Int64((duration / .milliseconds(1)).rounded())
        let fraction = String(1000 + milliseconds % 1000).dropFirst()
        return """
            done objects=\(summary.itemCount) bytes=\(summary.byteCount) \
            source-revision=\(summary.source) etcd-revision=\(summary.target) \
            seconds=\(milliseconds / 1000).\(fraction)

            Next:
              binnacle serve --data-dir \(directory) --store etcd --etcd-endpoints \(to.urls) …
                with the listeners and other flags as before\(prefixAdvice).
              Before another gateway starts, copy ca.crt, ca.key and sa.key from \(directory)/pki
                into the pki folder of its own data directory.
              \(directory)/store.sqlite is as it was. It knows nothing of what is written from now
                on: remove it when nobody wants to go back.
            """
    }

    private var prefixAdvice: String {
        access.etcdPrefix == EtcdAccess.prefix ? "" : ", and --etcd-prefix \(access.etcdPrefix)"
    }

    private static func tell(_ text: String) {
        print(text)
        fflush(nil)
    }
}

/// `sqlite:DIR`
struct MigrationSource: ExpressibleByArgument {
    let directory: String

    init?(argument: String) {
        let scheme = "sqlite:"
        guard argument.hasPrefix(scheme), argument.count > scheme.count else { return nil }
        directory = String(argument.dropFirst(scheme.count))
    }
}

/// `etcd:URL,URL`
struct MigrationTarget: ExpressibleByArgument {
    let urls: String
    let endpoints: [Endpoint]

    init?(argument: String) {
        let scheme = "etcd:"
        guard argument.hasPrefix(scheme),
            let list = EndpointList(argument: String(argument.dropFirst(scheme.count)))
        else { return nil }
        (urls, endpoints) = (list.description, list.endpoints)
    }
}

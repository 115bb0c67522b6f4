// `binnacle serve`: puts the server together and runs it. The only place where the graph is wired.

import ArgumentParser
import Glibc
import Logging
import SystemCalls

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the API.",
        discussion: """
            Prints one line that begins with `ready` when it serves. SIGTERM ends watches with a \
            bookmark, finishes answers and exits with 0; a second signal exits at once.
            """)

    @Option(help: "Where the data is kept. Made when it is missing.")
    var dataDir: String = "./data"

    @Option(
        help: """
            Serve plain HTTP without authentication here: for curl and kubectl on this machine. \
            A loopback address and a port; port 0 chooses one. Off unless given.
            """)
    var httpListen: SocketAddress?

    @Option(
        help: """
            Serve HTTPS here, to those who can say who they are; port 0 chooses one. Off unless \
            given. Without --tls-cert-file the server makes a certificate, and admin.kubeconfig in \
            the data directory for whoever runs it.
            """)
    var httpsListen: SocketAddress?

    @Option(help: "The server's certificate and its issuers, in PEM. Read again when it changes.")
    var tlsCertFile: String?

    @Option(help: "The private key of --tls-cert-file, in PEM.")
    var tlsPrivateKeyFile: String?

    @Option(
        help: ArgumentHelp(
            """
            A further certificate and its key, shown to clients that ask for one of its names. May \
            be repeated.
            """, valueName: "certificate,key"))
    var tlsSniCertKey: [CertificatePaths] = []

    @Option(
        help: """
            Certificates of authorities, in PEM: clients may show a certificate that one of them \
            has signed. Without it: the authority of the data directory.
            """)
    var clientCaFile: String?

    @Option(
        help: "A further name or address of the server, for its own certificate. May be repeated.")
    var tlsSan: [String] = []

    @OptionGroup(title: "Access") var access: AccessOptions

    @OptionGroup(title: "Admission") var admission: AdmissionFlags

    @OptionGroup(title: "Audit") var audit: AuditFlags

    @Option(
        help: """
            Which store keeps the objects: sqlite; etcd, for several gateways; or memory, which \
            forgets them.
            """)
    var store: StoreChoice = .sqlite

    @OptionGroup(title: "etcd") var etcd: EtcdFlags

    @Flag(
        help: """
            While etcd is out of reach, answer reads with the last known state and a warning, not \
            with 503, also for clients that did not ask for it.
            """)
    var serveStale = false

    @Option(
        help: """
            For how long a watch can be resumed from where it was, also after a restart: such as \
            90s, 30m, 24h or 7d.
            """)
    var watchHistory: Age = Age(argument: "24h")!

    @Option(
        help: """
            How many bytes of past events are kept for that at most: such as 100MiB or 1GiB.
            """)
    var watchHistorySize: ByteSize = ByteSize(argument: "1GiB")!

    @Option(
        help: """
            How often the cache is compared with the store, give or take a quarter: such as 90s or \
            10m. What differs is logged, counted and set right.
            """)
    var checkInterval: Age = Age(argument: "10m")!

    @Option(
        help: """
            For how long an event stays after it was last written: such as 30m or 1h.
            """)
    var eventTtl: Age = Age(argument: "1h")!

    @Option(
        help: """
            The address by which the Service kubernetes reaches this server. Without it: that of \
            --https-listen, or for 0.0.0.0 the one that this machine sends from. A loopback \
            address is told to nobody.
            """)
    var advertiseAddress: AdvertisedHost?

    @Option(help: "How many event loops to run; 0 is one for each processor.")
    var loops: Int = 0

    @Option(help: "The least severe message to log.")
    var logLevel: LogLevel = .info

    func validate() throws {
        guard httpListen != nil || httpsListen != nil else {
            throw ValidationError("nothing to serve on: give --http-listen 127.0.0.1:8080")
        }
        if let httpListen, !httpListen.isLoopback {
            throw ValidationError(
                """
                --http-listen \(httpListen): plain HTTP without authentication is served on a \
                loopback address only, such as 127.0.0.1:\(httpListen.port)
                """)
        }
        try validateSecureListener()
        if let advertiseAddress,
            advertiseAddress.address.isLoopback || advertiseAddress.address.isUnspecified
        {
            throw ValidationError(
                "--advertise-address \(advertiseAddress): no other machine reaches that")
        }
        try etcd.check(store)
        guard loops >= 0, loops <= 256 else {
            throw ValidationError("--loops \(loops): must be between 0 and 256")
        }
    }

    private func validateSecureListener() throws {
        guard (tlsCertFile == nil) == (tlsPrivateKeyFile == nil) else {
            throw ValidationError("--tls-cert-file and --tls-private-key-file: give both or none")
        }
        guard tlsCertFile == nil || tlsSan.isEmpty else {
            throw ValidationError("--tls-san: the certificate of --tls-cert-file has its own names")
        }
        guard httpsListen == nil else { return }
        guard tlsCertFile == nil, clientCaFile == nil, tlsSan.isEmpty, tlsSniCertKey.isEmpty else {
            throw ValidationError("certificates are of no use without --https-listen")
        }
    }

    func run() async throws {
        let signals = TerminationSignals()
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        var log = Logger(label: "binnacle")
        log.logLevel = logLevel.level
        let assembly: ServerAssembly
        do {
            assembly = try await ServerAssembly(options: self, log: log)
        } catch {
            throw StartFailure(description: "binnacle: \(error)")
        }
        print(assembly.readyLine)
        fflush(nil)
        await signals.first()
        log.info("stopping: no new connections, watches end, answers are finished")
        await assembly.stop()
    }
}

/// Printed as it stands; the exit status is 1.
struct StartFailure: Error, CustomStringConvertible {
    let description: String
}

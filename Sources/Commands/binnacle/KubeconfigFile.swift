// `binnacle kubeconfig`: lets somebody else in.

import ArgumentParser
import Crypto
import PKI

struct KubeconfigFile: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kubeconfig",
        abstract: "Make a kubeconfig with a new client certificate.",
        discussion: """
            The certificate cannot be taken back before it expires: choose --lifetime accordingly. \
            What the user may do is up to the authorization of the server; members of the group \
            system:masters may do everything.
            """)

    @Option(help: "Where the data is kept.")
    var dataDir: String = "./data"

    @Option(help: "The name of the user: the certificate's common name.")
    var user: String

    @Option(help: "A group of the user: an organization of the certificate. May be repeated.")
    var group: [String] = []

    @Option(
        help: """
            The server's URL. Without it: that of admin.kubeconfig, or https://127.0.0.1:6443.
            """)
    var server: String?

    @Option(help: "How long the certificate is valid: such as 12h or 90d.")
    var lifetime: Age = Age(argument: "365d")!

    @Option(help: "The file to make, which must not be there yet. Without it: standard output.")
    var output: String?

    func validate() throws {
        guard let server, !server.hasPrefix("https://") else { return }
        throw ValidationError("--server \(server): certificates are shown over https:// only")
    }

    func run() throws {
        do {
            let kubeconfig = try PKIDirectory(dataDirectory: dataDir).kubeconfig(
                user: user, groups: group, lifetime: lifetime.duration, server: server, now: .now)
            guard let output else {
                print(kubeconfig.text, terminator: "")
                return
            }
            try kubeconfig.write(to: output)
        } catch {
            throw StartFailure(description: "binnacle: \(error)")
        }
    }
}

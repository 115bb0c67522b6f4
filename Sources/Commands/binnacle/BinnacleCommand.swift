import ArgumentParser

@main
struct BinnacleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "binnacle",
        abstract: "The API server of a Kubernetes-style control plane.",
        version: Release.version,
        subcommands: [
            Serve.self, Certs.self, KubeconfigFile.self, Health.self, Proxy.self, Migrate.self,
        ])
}

enum Release {
    static let version = "0.1.0"
}

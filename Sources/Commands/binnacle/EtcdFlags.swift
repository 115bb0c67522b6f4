// The flags of an etcd cluster as the store.

import ArgumentParser
import HTTPClient

/// Where etcd is, what it is to be asked with, and what it is to keep.
struct EtcdFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The client URLs of etcd's members, with commas between them.",
            valueName: "url,url"))
    var etcdEndpoints: EndpointList?

    @OptionGroup var access: EtcdAccess

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

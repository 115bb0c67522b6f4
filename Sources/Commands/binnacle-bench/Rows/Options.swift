// What the command line decides.

import ArgumentParser

/// Sizes and places, with defaults that make the whole run take less than six minutes.
struct BenchOptions: ParsableArguments {
    @Option(help: "The binnacle to measure; unless given, the one beside this program.")
    var binnacle: String?

    @Option(help: "Rows to measure, separated by commas; see the list below.")
    var only: String = RowName.allCases.map(\.rawValue).joined(separator: ",")

    @Option(help: "How often each server of a pair is measured, in turns: A B A B.")
    var pairs: Int = 3

    @Option(help: "How long a measurement lasts, in seconds.")
    var seconds: Double = 3

    @Option(help: "Keep-alive connections in the rows about single objects.")
    var connections: Int = 64

    @Option(help: "Pods in the rows about lists and memory.")
    var pods: Int = 10_000

    @Option(help: "Connections in the rows about lists.")
    var listConnections: Int = 4

    @Option(help: "Clients that create at the same time, separated by commas; a row for each.")
    var clients: String = "32,1"

    @Option(help: "Watchers, separated by commas; a row for each number.")
    var watchers: String = "1000"

    @Option(help: "Writes that all watchers are to see; fewer when watchers are more than 1,000.")
    var writes: Int = 2000

    @Option(
        help: """
            Writes per second while the time to delivery is measured; fewer when watchers are more \
            than 1,000.
            """)
    var pace: Int = 20

    @OptionGroup var history: HistoryOptions

    @Flag(help: "Have perf record binnacle in each measurement, into the results' folder.")
    var profile = false

    @Option(help: "Where results are written, and what the servers keep while they run.")
    var results: String = "./bench-results"

    func validate() throws {
        for (name, value) in [
            ("--pairs", pairs), ("--connections", connections), ("--pods", pods),
            ("--list-connections", listConnections), ("--writes", writes), ("--pace", pace),
        ] + history.named where value < 1 {
            throw ValidationError("\(name) \(value): must be at least 1")
        }
        guard seconds > 0, seconds <= 600 else {
            throw ValidationError("--seconds \(seconds): must be above 0 and at most 600")
        }
        _ = try (rows(), numbers("--clients", clients), numbers("--watchers", watchers))
    }

    /// The rows to measure, in the order of the table.
    func rows() throws -> [RowName] {
        let names = only.split(separator: ",").map(String.init)
        for name in names where RowName(rawValue: name) == nil {
            throw ValidationError("--only \(name): no such row")
        }
        return RowName.allCases.filter { names.contains($0.rawValue) }
    }

    var clientCounts: [Int] { (try? numbers("--clients", clients)) ?? [] }
    var watcherCounts: [Int] { (try? numbers("--watchers", watchers)) ?? [] }

    private func numbers(_ name: String, _ text: String) throws -> [Int] {
        try text.split(separator: ",").map {
            guard let number = Int($0), number > 0 else {
                throw ValidationError("\(name) \($0): not a number above 0")
            }
            return number
        }
    }
}

/// Sizes of the rows about the history and about many watchers.
struct HistoryOptions: ParsableArguments {
    @Option(help: "ConfigMaps of 1 KB that the server holds when it falls.")
    var restartObjects: Int = 20_000

    @Option(help: "Watchers when it falls.")
    var restartWatchers: Int = 1_000

    @Option(help: "MiB of other events before those objects.")
    var restartHistory: Int = 0

    @Option(help: "Events that the watcher has missed who was away.")
    var events: Int = 50_000

    @Option(help: "Watchers of one node each.")
    var nodeWatchers: Int = 2_000

    @Option(help: "Watchers to which nothing happens.")
    var idleWatchers: Int = 5_000

    @Option(help: "Watchers that never read.")
    var stalledWatchers: Int = 500

    fileprivate var named: [(String, Int)] {
        [
            ("--restart-objects", restartObjects), ("--restart-watchers", restartWatchers),
            ("--restart-history", restartHistory + 1), ("--events", events),
            ("--node-watchers", nodeWatchers), ("--idle-watchers", idleWatchers),
            ("--stalled-watchers", stalledWatchers),
        ]
    }
}

/// The rows of the table.
enum RowName: String, CaseIterable {
    case get
    case notModified = "not-modified"
    case list
    case gzip
    case label
    case node
    case limit
    case create
    case watch
    case memory
    case restart
    case catchUp = "catch-up"
    case nodeWatchers = "node-watchers"
    case idle
    case stalled
    case trimming

    var meaning: String {
        switch self {
        case .get: "GET of one object, beside nginx with a file of the same bytes"
        case .notModified: "the same GET with the ETag, answered 304"
        case .list: "LIST of all pods, beside nginx with the same bytes"
        case .gzip: "the same compressed, with and without a change before each, beside gzip_static"
        case .label: "LIST by a label that 100 pods have"
        case .node: "LIST by a node that 10 pods run on"
        case .limit: "the first 500 pods"
        case .create: "creates, beside etcd's /v3/kv/put with the same bytes on the same disk"
        case .watch: "watchers that all see every write; memory for each"
        case .memory: "memory with all pods, each with 1 KB besides"
        case .restart: "kill -9 and start while watchers are connected and writes go on"
        case .catchUp: "one watcher that was away for so long that its events are on disk"
        case .nodeWatchers: "a write with ten watchers, and with one for each of many nodes"
        case .idle: "memory for each of many idle watchers"
        case .stalled: "time to delivery beside watchers that never read"
        case .trimming: "pauses of writers and watchers while the history is trimmed"
        }
    }
}

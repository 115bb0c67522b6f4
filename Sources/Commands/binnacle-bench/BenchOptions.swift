// What the command line decides.

import ArgumentParser

/// Sizes and places, with defaults that make the whole run take less than ten minutes.
struct BenchOptions: ParsableArguments {
    @Option(help: "The binnacle to measure; unless given, the one beside this program.")
    var binnacle: String?

    @Option(help: "Rows to measure, separated by commas; see the list below.")
    var only: String = Row.all.map(\.name).joined(separator: ",")

    @Option(help: "How often each server of a pair is measured, in turns: A B A B.")
    var pairs: Int = 3

    @Option(help: "How long a measurement lasts, in seconds.")
    var seconds: Double = 1.5

    @Option(help: "Keep-alive connections in the rows about single objects.")
    var connections: Int = 64

    @Option(help: "Pods in the rows about lists and memory.")
    var pods: Int = 10_000

    @Option(help: "Connections in the rows about lists.")
    var listConnections: Int = 4

    @Option(help: "Clients that create at the same time, separated by commas; a row for each.")
    var clients: String = "32,1"

    @Option(help: "Watchers, separated by commas; a row for each number.")
    var watchers: String = "1000,9900"

    @Option(help: "Writes that all watchers are to see; fewer when watchers are more than 1,000.")
    var writes: Int = 450

    @Option(
        help: """
            Writes per second while the time to delivery is measured; fewer when watchers are more \
            than 1,000.
            """)
    var pace: Int = 20

    @Option(help: "Requests per second, separated by commas; a row for each in `paced`.")
    var rate: String = "20000"

    @Option(
        help: """
            Send so many requests per second in the rows about reading and writing, whether the \
            servers keep up or not, instead of as many as they answer.
            """)
    var openRate: Int?

    @Option(help: "Pods of 2 KB in the row about the memory that objects take.")
    var footprintPods: Int = 100_000

    @Option(help: "Objects of the growth run, separated by commas.")
    var growthObjects: String = "1000,10000,100000"

    @Option(help: "Watchers of the growth run, separated by commas.")
    var growthWatchers: String = "10,100,1000,9900"

    @OptionGroup(title: "The history, and many watchers") var history: HistoryOptions

    @Flag(help: "Have perf record binnacle in each measurement, into the results' folder.")
    var profile = false

    @Option(help: "Where results are written, and what the servers keep while they run.")
    var results: String = "./bench-results"

    func validate() throws {
        for (name, value) in [
            ("--pairs", pairs), ("--connections", connections), ("--pods", pods),
            ("--list-connections", listConnections), ("--writes", writes), ("--pace", pace),
            ("--footprint-pods", footprintPods),
        ] + history.named where value < 1 {
            throw ValidationError("\(name) \(value): must be at least 1")
        }
        guard seconds > 0, seconds <= 600 else {
            throw ValidationError("--seconds \(seconds): must be above 0 and at most 600")
        }
        if let openRate, openRate < 1 {
            throw ValidationError("--open-rate \(openRate): must be at least 1")
        }
        _ = try rows()
        for (name, text) in lists { _ = try numbers(name, text) }
    }

    /// The rows to measure, in the order of the table.
    func rows() throws -> [Row] {
        let names = only.split(separator: ",").map(String.init)
        for name in names where !Row.all.contains(where: { $0.name == name }) {
            throw ValidationError("--only \(name): no such row")
        }
        return Row.all.filter { names.contains($0.name) }
    }

    /// How rows send that do not say so themselves.
    var sendingPace: Pace { openRate.map { .open(perSecond: Double($0)) } ?? .closed }

    private var lists: [(String, String)] {
        [
            ("--clients", clients), ("--watchers", watchers), ("--rate", rate),
            ("--growth-objects", growthObjects), ("--growth-watchers", growthWatchers),
        ]
    }

    var clientCounts: [Int] { (try? numbers("--clients", clients)) ?? [] }
    var watcherCounts: [Int] { (try? numbers("--watchers", watchers)) ?? [] }
    var rates: [Int] { (try? numbers("--rate", rate)) ?? [] }
    var growthObjectCounts: [Int] { (try? numbers("--growth-objects", growthObjects)) ?? [] }
    var growthWatcherCounts: [Int] { (try? numbers("--growth-watchers", growthWatchers)) ?? [] }

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

    @Option(help: "Watchers of one name each.")
    var namedWatchers: Int = 9_900

    @Option(help: "Writes per second that they are to see.")
    var namedPace: Int = 500

    @Option(help: "Watchers to which nothing happens.")
    var idleWatchers: Int = 5_000

    @Option(help: "Watchers that never read.")
    var stalledWatchers: Int = 500

    fileprivate var named: [(String, Int)] {
        [
            ("--restart-objects", restartObjects), ("--restart-watchers", restartWatchers),
            ("--restart-history", restartHistory + 1), ("--events", events),
            ("--node-watchers", nodeWatchers), ("--named-watchers", namedWatchers),
            ("--named-pace", namedPace), ("--idle-watchers", idleWatchers),
            ("--stalled-watchers", stalledWatchers),
        ]
    }
}

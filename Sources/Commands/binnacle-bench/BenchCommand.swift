// `binnacle-bench`: measures binnacle beside nginx and etcd, in one run and on one machine.

import ArgumentParser
import Glibc

@main
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "binnacle-bench",
        abstract: "Measure binnacle beside nginx and etcd on this machine.",
        discussion: "Rows:\n"
            + RowName.allCases.map { "  \($0.rawValue.leading(14))\($0.meaning)" }
            .joined(separator: "\n"))

    @OptionGroup var options: BenchOptions

    func run() throws {
        let binary = options.binnacle ?? Self.binaryBeside()
        guard access(binary, X_OK) == 0 else {
            throw BenchFailure("\(binary): no such program; build it or give --binnacle")
        }
        raiseDescriptorLimit()
        try Scratch.make(options.results)
        let scratch = try Scratch(in: absolute(options.results))
        let interrupts = Interrupts(scratch)
        defer {
            withExtendedLifetime(interrupts) {
                RunningChildren.endAll()
                scratch.remove()
            }
        }
        let machine = Machine(scratch)
        print(machine.text, TextTable.header, separator: "\n")
        fflush(nil)
        let rows = try measure(Workbench(options, binary: absolute(binary), scratch))
        print("written to \(try JSONReport.write(rows, machine, in: options.results))")
        if rows.contains(where: { $0.failure != nil }) { throw ExitCode.failure }
    }

    /// Measures each row, prints it, and goes on when one fails.
    private func measure(_ bench: Workbench) throws -> [RowResult] {
        var all: [RowResult] = []
        for name in try options.rows() {
            let rows: [RowResult]
            bench.profileName = name.rawValue
            do {
                rows = try bench.measure(name)
            } catch {
                // After a signal its handler ends the process; this thread only waits for that.
                while RunningChildren.areEnding { pause() }
                var row = RowResult(identifier: name.rawValue, title: name.meaning)
                row.failure = "\(error)"
                rows = [row]
            }
            for row in rows { print(TextTable.text(row)) }
            // Into a pipe, too, each row is to come as soon as it is there.
            fflush(nil)
            all += rows
        }
        return all
    }

    /// The release binary that was built together with this program.
    private static func binaryBeside() -> String {
        var room = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &room, room.count)
        let bytes = room.prefix(max(count, 0)).map(UInt8.init(bitPattern:))
        let path = String(decoding: bytes, as: UTF8.self)
        return path.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/binnacle"
    }

    private func absolute(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

    /// Ten thousand watchers need as many descriptors, here and in the server, which inherits the
    /// limit.
    private func raiseDescriptorLimit() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}

extension Workbench {
    /// The rows that go by `name`.
    fileprivate func measure(_ name: RowName) throws -> [RowResult] {
        switch name {
        case .get: try [get()]
        case .notModified: try [notModified()]
        case .list: try [list()]
        case .gzip: try gzip()
        case .label:
            try [part(.label, "by label", "?labelSelector=group%3Dg-000", min(options.pods, 100))]
        case .node:
            try [
                part(
                    .node, "by node", "?fieldSelector=spec.nodeName%3Dnode-0000",
                    min(options.pods, 10))
            ]
        case .limit: try [part(.limit, "limit=500", "?limit=500", min(options.pods, 500))]
        case .create: try create()
        case .watch: try watch()
        case .memory: try [memory()]
        case .restart: try [restart()]
        case .catchUp: try catchUp()
        case .nodeWatchers: try [nodeWatchers()]
        case .idle: try [idle()]
        case .stalled: try [stalled()]
        case .trimming: try trimming()
        }
    }
}

// `binnacle-bench`: measures binnacle beside nginx, nchan and etcd, in one run and on one machine.

import ArgumentParser
import Glibc

@main
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "binnacle-bench",
        abstract: "Measure binnacle beside nginx, nchan and etcd on this machine.",
        usage: "binnacle-bench [<options>]",
        discussion: "Rows:\n"
            + Row.all.map { "  \($0.name.leading(16))\($0.meaning)" }.joined(separator: "\n"),
        subcommands: [WriteLoopCommand.self])

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
        let report = Report(machine, in: options.results)
        try measure(Workbench(options, binary: absolute(binary), scratch), report)
        print("written to \(report.paths.joined(separator: ", "))")
        if report.hasFailures { throw ExitCode.failure }
    }

    /// Measures each row, prints it, and goes on when one fails.
    private func measure(_ bench: Workbench, _ report: Report) throws {
        for row in try options.rows() {
            let results: [RowResult]
            bench.profileName = row.name
            do {
                results = try row.measure(bench)
            } catch {
                // After a signal its handler ends the process; this thread only waits for that.
                while RunningChildren.areEnding { pause() }
                var failed = RowResult(identifier: row.name, title: row.meaning)
                failed.failure = "\(error)"
                results = [failed]
                bench.endSharedServers()
            }
            for result in results { print(TextTable.text(result)) }
            // Into a pipe, too, each row is to come as soon as it is there.
            fflush(nil)
            try report.add(results)
        }
    }

    /// The release binary that was built together with this program.
    private static func binaryBeside() -> String {
        ownPath().split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/binnacle"
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

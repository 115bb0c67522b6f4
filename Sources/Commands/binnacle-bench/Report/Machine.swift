// What the figures were measured on.

import Glibc
import JSON

/// The machine, as far as figures depend on it.
struct Machine {
    let processor: String
    let processorCount: Int
    let kernel: String
    let fileSystem: String
    /// How many programs wanted a processor just before the run: above 0, something else was going
    /// on.
    let loadBefore: String

    /// One that nothing is known of.
    static let unknown = Machine()

    private init() {
        (processor, kernel, fileSystem) = ("unknown", "unknown", "unknown")
        (processorCount, loadBefore) = (0, "unknown")
    }

    init(_ scratch: Scratch) {
        let lines = (textOfFile("/proc/cpuinfo") ?? "").split(separator: "\n")
        let model = lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last
        processor = model.map { String($0.drop { $0 == " " }) } ?? "unknown"
        processorCount = sysconf(CInt(_SC_NPROCESSORS_ONLN))
        kernel = (textOfFile("/proc/sys/kernel/osrelease") ?? "unknown").filter { $0 != "\n" }
        fileSystem = scratch.fileSystem
        let load = (textOfFile("/proc/loadavg") ?? "").split(separator: " ")
        loadBefore = load.first.map(String.init) ?? "unknown"
    }

    var text: String {
        """
        \(processor), \(processorCount) processors shared by the servers and the load, \
        Linux \(kernel), data on \(fileSystem), load average before \(loadBefore)
        """
    }

    var json: JSONValue {
        [
            "processor": .string(processor),
            "processors": .number(JSONNumber(Int64(processorCount))),
            "kernel": .string(kernel),
            "fileSystem": .string(fileSystem),
            "loadBefore": .string(loadBefore),
        ]
    }
}

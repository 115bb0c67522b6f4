// Files of /proc, read whole.

import Glibc

/// The text of a small file; nil when it cannot be read.
func textOfFile(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var text: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 16 << 10)
    while case let count = read(descriptor, &room, room.count), count > 0 {
        text += room[..<count]
    }
    return String(decoding: text, as: UTF8.self)
}

/// The path of this program.
func ownPath() -> String {
    var room = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &room, room.count)
    let bytes = room.prefix(max(count, 0)).map(UInt8.init(bitPattern:))
    return String(decoding: bytes, as: UTF8.self)
}

/// What processes have used, added up.
struct ProcessFigures {
    var cpuSeconds = 0.0
    var residentByteCount = 0
    /// The largest that the resident memory has been since `forgetPeak`.
    var peakByteCount = 0

    /// The present figures of `processes`. One that has ended counts for nothing.
    init(of processes: [pid_t]) {
        for process in processes { add(process) }
    }

    private mutating func add(_ process: pid_t) {
        guard let status = textOfFile("/proc/\(process)/status") else { return }
        cpuSeconds += Self.cpuSeconds(of: process)
        for line in status.split(separator: "\n") {
            if line.hasPrefix("VmHWM:") { peakByteCount += Self.byteCount(line) }
            if line.hasPrefix("VmRSS:") { residentByteCount += Self.byteCount(line) }
        }
    }

    /// To the nanosecond; /proc counts in steps of ten milliseconds.
    private static func cpuSeconds(of process: pid_t) -> Double {
        var clock = clockid_t()
        var time = timespec()
        guard clock_getcpuclockid(process, &clock) == 0, clock_gettime(clock, &time) == 0 else {
            return 0
        }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func byteCount(_ line: Substring) -> Int {
        (line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) << 10
    }

    /// Lets the peak begin anew at the present size.
    static func forgetPeak(of processes: [pid_t]) {
        for process in processes {
            let descriptor = open("/proc/\(process)/clear_refs", O_WRONLY | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            _ = write(descriptor, "5", 1)
            close(descriptor)
        }
    }
}

/// The processes that `parent` has started and that still run.
func children(of parent: pid_t) -> [pid_t] {
    guard let folder = opendir("/proc") else { return [] }
    defer { closedir(folder) }
    var found: [pid_t] = []
    while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        guard let process = pid_t(name), let stat = textOfFile("/proc/\(process)/stat"),
            let nameEnd = stat.lastIndex(of: ")")
        else { continue }
        let fields = stat[stat.index(after: nameEnd)...].split(separator: " ")
        if pid_t(fields[1]) == parent { found.append(process) }
    }
    return found
}

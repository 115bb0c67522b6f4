// Servers as child processes, which end when this process does, however it ends.

import Glibc
import Synchronization

/// A program that this one started.
final class ChildProcess {
    let identifier: pid_t
    let name: String
    /// What it prints to its standard output; -1 once closed.
    private let output: CInt
    private let logPath: String
    private var isRunning = true

    /// Starts `arguments[0]`, which is a path or is searched for. Its standard error goes to
    /// `logPath`.
    init(_ name: String, _ arguments: [String], logPath: String) throws {
        self.name = name
        self.logPath = logPath
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { throw BenchFailure("pipe: errno \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[1]) }
        output = ends[0]
        let writingEnd = ends[1]
        identifier = try RunningChildren.add {
            try Self.spawn(arguments, output: writingEnd, logPath: logPath)
        }
    }

    deinit {
        stop()
        close(output)
    }

    private static func spawn(
        _ arguments: [String], output: CInt, logPath: String
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_addopen(
            &actions, 2, logPath, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        // Gets SIGTERM from the kernel when this process is killed; setpriv becomes the program.
        let all = ["setpriv", "--pdeathsig", "TERM"] + arguments
        var pointers: [UnsafeMutablePointer<CChar>?] = all.map { strdup($0) }
        pointers.append(nil)
        defer { for pointer in pointers { free(pointer) } }
        var identifier: pid_t = 0
        let result = posix_spawnp(&identifier, pointers[0]!, &actions, nil, pointers, environ)
        guard result == 0 else {
            let reason = String(cString: strerror(result))
            throw BenchFailure("\(all.joined(separator: " ")): \(reason)")
        }
        return identifier
    }

    /// The next line that it prints.
    /// - Throws: when it ends or says nothing for too long; with the end of its log.
    func nextLine() throws -> String {
        var line: [UInt8] = []
        while true {
            guard waitUntilReady(output, POLLIN, milliseconds: Limits.startMilliseconds) else {
                throw BenchFailure("\(name) says nothing: \(logEnd)")
            }
            var byte: UInt8 = 0
            guard read(output, &byte, 1) == 1 else {
                throw BenchFailure("\(name) has ended: \(logEnd)")
            }
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
    }

    /// The last that it wrote to its log.
    var logEnd: String { String((textOfFile(logPath) ?? "").suffix(600)) }

    /// Waits until it ends by itself. Returns its exit status.
    func waitForEnd() -> Int32 {
        var status: Int32 = 0
        waitpid(identifier, &status, 0)
        isRunning = false
        RunningChildren.forget(identifier)
        return status & 0x7f == 0 ? status >> 8 & 0xff : -1
    }

    /// Ends it at once, as a crash does.
    func crash() {
        guard isRunning else { return }
        isRunning = false
        kill(identifier, SIGKILL)
        _ = waitpid(identifier, nil, 0)
        RunningChildren.forget(identifier)
    }

    /// Ends it with SIGTERM, and when that does not help with SIGKILL, its own children included.
    func stop() {
        guard isRunning else { return }
        isRunning = false
        RunningChildren.end([identifier])
    }
}

/// The children that run now. What a signal handler and a failure have to end.
enum RunningChildren {
    private struct State {
        var identifiers: Set<pid_t> = []
        var isClosed = false
    }

    private static let state = Mutex(State())

    /// Starts a child, unless all are being ended.
    static func add(_ start: () throws -> pid_t) throws -> pid_t {
        try state.withLock { state in
            guard !state.isClosed else { throw BenchFailure("interrupted") }
            let identifier = try start()
            state.identifiers.insert(identifier)
            return identifier
        }
    }

    /// Takes note that a child has ended.
    static func forget(_ identifier: pid_t) {
        state.withLock { _ = $0.identifiers.remove(identifier) }
    }

    /// Whether all are being ended, so that whatever fails now says nothing about a server.
    static var areEnding: Bool { state.withLock { $0.isClosed } }

    /// Ends all that run, and lets no more be started.
    static func endAll() {
        let running = state.withLock { state in
            state.isClosed = true
            return Array(state.identifiers)
        }
        end(running)
    }

    /// Ends these, each by its own identifier, and waits for them.
    static func end(_ ending: [pid_t]) {
        for identifier in ending { kill(identifier, SIGTERM) }
        for identifier in ending {
            let descendants = children(of: identifier)
            if !hasEnded(identifier, within: Limits.stopMilliseconds) {
                for descendant in descendants { kill(descendant, SIGKILL) }
                kill(identifier, SIGKILL)
                _ = waitpid(identifier, nil, 0)
            }
            forget(identifier)
        }
    }

    private static func hasEnded(_ identifier: pid_t, within milliseconds: Int) -> Bool {
        for _ in 0..<max(milliseconds / 10, 1) {
            // -1: somebody else has waited for it already.
            if waitpid(identifier, nil, WNOHANG) != 0 { return true }
            usleep(10_000)
        }
        return false
    }
}

// One etcd process, which ends when this process does, however it ends.

import Glibc
import Synchronization

/// A member of a cluster for tests, run by `etcd-member`.
final class EtcdMember: Sendable {
    private struct State {
        var process: pid_t = 0
        var script: pid_t = 0
        /// Ends the member when it is closed.
        var input: CInt = -1
    }

    let arguments: [String]
    let directory: String
    private let state = Mutex(State())

    init(directory: String, arguments: [String]) {
        self.directory = directory
        self.arguments = arguments
    }

    /// One at a time: no child may inherit another one's pipe, which would keep it alive.
    private static let starting = Mutex(())

    /// - Precondition: it does not run.
    func start() throws {
        var (input, output): ([CInt], [CInt]) = ([-1, -1], [-1, -1])
        let script = try Self.starting.withLock { _ in
            guard pipe(&input) == 0, pipe(&output) == 0 else {
                throw EtcdFailure("no pipe: errno \(errno)")
            }
            for end in input + output { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            return try spawn(input: input[0], output: output[1])
        }
        close(input[0])
        close(output[1])
        defer { close(output[0]) }
        guard let process = Self.line(from: output[0]).flatMap({ pid_t($0) }) else {
            throw EtcdFailure("etcd-member did not start etcd")
        }
        let end = input[1]
        state.withLock { $0 = State(process: process, script: script, input: end) }
    }

    private func spawn(input: CInt, output: CInt) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        let all = [Self.script, directory] + arguments
        var pointers: [UnsafeMutablePointer<CChar>?] = all.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var process: pid_t = 0
        let result = posix_spawn(&process, pointers[0]!, &actions, nil, &pointers, environ)
        guard result == 0 else {
            throw EtcdFailure("\(Self.script): \(String(cString: strerror(result)))")
        }
        return process
    }

    private static let script: String = {
        let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        return "/\(folder)/etcd-member"
    }()

    private static func line(from descriptor: CInt) -> String? {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(descriptor, &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
        return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
    }

    func pause() { send(SIGSTOP) }
    func resume() { send(SIGCONT) }

    /// Ends it as a crash does; what it has stored stays.
    func crash() {
        send(SIGKILL)
        let script = state.withLock { $0.script }
        if script > 0 { _ = waitpid(script, nil, 0) }
        state.withLock { state in
            if state.input >= 0 { close(state.input) }
            state = State()
        }
    }

    /// Ends it and removes what it has stored.
    func stop() {
        let (script, input) = state.withLock { state in
            defer { state = State() }
            return (state.script, state.input)
        }
        if input >= 0 { close(input) }
        if script > 0 { _ = waitpid(script, nil, 0) }
    }

    private func send(_ signal: CInt) {
        let process = state.withLock { $0.process }
        if process > 0 { kill(process, signal) }
    }
}

/// Why there is no etcd.
public struct EtcdFailure: Error, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }
}

// A writer that goes on while its server falls and comes back.

import Buffers
import Glibc
import Synchronization
import SystemCalls

/// Creates numbered objects. What it cannot know to be written it sends again; that it is there
/// already is good news then.
final class EndlessWriter: Sendable {
    private struct State {
        var count = 0
        var lateCount = 0
        var resentCount = 0
        var lastRevision: UInt64 = 0
        var isEnding = false
        var work: BackgroundWork?
    }

    /// As many writes a second as leave the machine to the server.
    private static let perSecond: Int64 = 300

    private let template: ObjectTemplate
    private let path: String
    private let address: Endpoint
    private let state = Mutex(State())

    init(_ template: ObjectTemplate, to path: String, _ address: Endpoint) {
        self.template = template
        self.path = path
        self.address = address
    }

    /// How many objects there are.
    var count: Int { state.withLock { $0.count } }
    /// How many of them were written one by one.
    var lateCount: Int { state.withLock { $0.lateCount } }
    /// How many requests had no answer.
    var resentCount: Int { state.withLock { $0.resentCount } }
    /// The revision of the last object.
    var lastRevision: UInt64 { state.withLock { $0.lastRevision } }

    /// Creates so many at first, as fast as can be.
    func fill(_ count: Int) throws {
        let requests = Requests.posting(template, to: path, at: address, 0..<count)
        _ = try LoadLoop(to: address, connections: 32, requests, Window()).run()
        state.withLock { $0.count = count }
    }

    /// Goes on, one by one, until `end`.
    func begin() {
        state.withLock { state in
            state.isEnding = false
            state.work = BackgroundWork { try self.run() }
        }
    }

    /// Ends after the write under way.
    func end() throws {
        let work = state.withLock { state in
            state.isEnding = true
            return state.work
        }
        try work?.wait()
        let name = padded(count - 1, 8)
        let body = try HTTPCaller(address).expect(200, .get("\(path)/restart-\(name)")).body
        let revision = ListedRevisions.all(in: body).first ?? 0
        state.withLock { $0.lastRevision = revision }
    }

    private func run() throws {
        var caller: HTTPCaller?
        var number = count
        var due = monotonicNanoseconds()
        while !state.withLock({ $0.isEnding }) {
            waitUntil(nanoseconds: due)
            if caller == nil { caller = try? HTTPCaller(address) }
            let answer = try? caller?.call(.post(path, json: template.bytes(number)))
            switch answer?.status {
            case 201, 409:
                number += 1
                due += 1_000_000_000 / Self.perSecond
                state.withLock { state in
                    state.count += 1
                    state.lateCount += 1
                }
            case nil, 429, 503:
                caller = nil
                due = monotonicNanoseconds() + 20_000_000
                state.withLock { $0.resentCount += 1 }
            case let status?:
                throw BenchFailure("\(path): object \(number) was answered with \(status)")
            }
        }
    }
}

// Asking a cluster, whichever of its members answers.

import Buffers
import Storage
import Synchronization

/// The members of one cluster. Keeps to one that works, goes on to the next where one fails, and
/// takes answers of no other cluster.
final class Cluster: Sendable {
    private struct State {
        var health: EndpointHealth
        /// The cluster that answered first. It stays the one for as long as the process runs.
        var clusterID: UInt64?
        var newest = Revision.zero
        /// Why the member rests that failed last.
        var lastFailure = "no member has been asked yet"
        var isClosed = false
    }

    /// How long a call may take.
    struct Patience {
        /// For one member's answer.
        var attempt: Duration
        /// For all of it.
        var whole: Duration

        /// For the next member's answer, after `elapsed`.
        func attempt(after elapsed: Duration) -> Duration {
            max(.milliseconds(1), min(attempt, whole - elapsed))
        }
    }

    let transport: any Transport
    let limits: Limits
    let clock: EtcdClock
    private let state: Mutex<State>
    /// Told of each newest revision that an answer shows.
    private let learned: @Sendable (Revision) -> Void

    init(
        _ transport: any Transport, _ limits: Limits, _ clock: EtcdClock,
        learned: @escaping @Sendable (Revision) -> Void
    ) {
        self.transport = transport
        self.limits = limits
        self.clock = clock
        self.learned = learned
        let count = transport.endpoints.count
        let health = EndpointHealth(
            count: count, preferred: Int(clock.jitter() * Double(count)), limits)
        state = Mutex(State(health: health))
    }

    var clusterID: UInt64? { state.withLock { $0.clusterID } }
    /// The newest revision that any answer has shown.
    var newest: Revision { state.withLock { $0.newest } }

    func checkOpen() throws(CallError) { if state.withLock({ $0.isClosed }) { throw .closed } }

    func close() async {
        state.withLock { $0.isClosed = true }
        await transport.close()
    }

    var reading: Patience {
        Patience(attempt: limits.readAttempt, whole: limits.readDuration)
    }

    var writing: Patience {
        Patience(attempt: limits.commitAttempt, whole: limits.commitDuration)
    }

    /// For what is to have its end by `end`, as the clock has it.
    func writing(by end: Duration) -> Patience {
        Patience(attempt: limits.commitAttempt, whole: end - clock.now())
    }

    /// Makes a call, at another member where one cannot be reached or cannot do it now.
    func ask<Answer: CallAnswer>(
        _ call: Call, for type: Answer.Type = Answer.self, _ patience: Patience
    ) async throws(CallError) -> Answer {
        var search = Search(began: clock.now())
        while true {
            let member = try await nextMember(&search, patience)
            do throws(Setback) {
                let time = patience.attempt(after: clock.now() - search.began)
                let reply = try await reply(to: call, from: member, within: time)
                let answer: Answer = try understand(reply, from: member)
                return answer
            } catch {
                search.note(error, member)
                guard call.isRepeatable || !search.mayHaveReached else {
                    throw .uncertain(error.reason)
                }
            }
        }
    }

    /// Opens a stream at a member that takes it.
    func open(_ call: Call) async throws(CallError) -> (member: Int, lines: any LineSource) {
        var search = Search(began: clock.now())
        while true {
            let member = try await nextMember(&search, reading)
            do throws(TransportFailure) {
                let lines = try await transport.stream(
                    call, from: member, within: limits.readAttempt)
                return (member, lines)
            } catch {
                fail(member, error.reason)
                search.note(Setback(reason: error.reason, mayHaveReached: false), member)
            }
        }
    }

    /// A member did not keep to what was expected of it.
    func fail(_ member: Int, _ reason: String) {
        guard !Task.isCancelled else { return }
        let (now, jitter) = (clock.now(), clock.jitter())
        state.withLock { state in
            state.health.failed(member, at: now, jitter: jitter)
            state.lastFailure = reason
        }
    }

    /// Whether an answer with this header is this cluster's. The first one decides which that is.
    func accept(_ header: AnswerHeader) -> Bool {
        let (isOurs, isNewest) = state.withLock { state in
            if state.clusterID == nil { state.clusterID = header.clusterID }
            guard state.clusterID == header.clusterID else { return (false, false) }
            let isNewest = header.revision > state.newest
            if isNewest { state.newest = header.revision }
            return (true, isNewest)
        }
        if isNewest { learned(header.revision) }
        return isOurs
    }

    // MARK: One attempt

    /// What went wrong at one member.
    private struct Setback: Error {
        let reason: String
        let mayHaveReached: Bool
        /// What the cluster as a whole says: no other member need be asked.
        var refusal: RefusalAnswer?
    }

    /// Who has been asked so far, and what came of it.
    private struct Search {
        let began: Duration
        var avoided: Set<Int> = []
        /// What the last one said; `nil` when all rested, and none was asked.
        var reason: String?
        var mayHaveReached = false
        var refusal: RefusalAnswer?

        mutating func note(_ setback: Setback, _ member: Int) {
            avoided.insert(member)
            reason = setback.reason
            mayHaveReached = mayHaveReached || setback.mayHaveReached
            refusal = setback.refusal
        }
    }

    private func nextMember(
        _ search: inout Search, _ patience: Patience
    ) async throws(CallError) -> Int {
        while true {
            try checkOpen()
            if let refusal = search.refusal { throw .refused(refusal) }
            let now = clock.now()
            if Task.isCancelled { throw .unreachable("the caller has gone") }
            guard now - search.began < patience.whole else { throw unreachable(search) }
            let (choice, next) = state.withLock {
                ($0.health.choice(at: now, avoiding: search.avoided), $0.health.nextChoice(at: now))
            }
            if let choice { return choice }
            // All have been asked, or rest.
            search.avoided = []
            let wait = max(next - now, .milliseconds(20))
            guard now + wait - search.began <= limits.patience else {
                throw unreachable(search)
            }
            await clock.sleep(wait)
        }
    }

    private func unreachable(_ search: Search) -> CallError {
        .unreachable(search.reason ?? state.withLock { $0.lastFailure })
    }

    private func reply(
        to call: Call, from member: Int, within time: Duration
    ) async throws(Setback) -> Reply {
        do throws(TransportFailure) {
            return try await transport.answer(to: call, from: member, within: time)
        } catch {
            fail(member, error.reason)
            throw Setback(reason: error.reason, mayHaveReached: error.mayHaveReached)
        }
    }

    private func understand<Answer: CallAnswer>(
        _ reply: Reply, from member: Int
    ) throws(Setback) -> Answer {
        let name = transport.endpoints[member]
        guard reply.status == 200 else { throw refusal(reply, name, member) }
        let answer: Answer
        do throws(WireError) {
            answer = try Answer(reply.body)
        } catch {
            let reason = "\(name): \(error)"
            fail(member, reason)
            throw Setback(reason: reason, mayHaveReached: true)
        }
        guard accept(answer.header) else {
            let other = String(answer.header.clusterID, radix: 16)
            let reason = "\(name) belongs to another cluster, \(other)"
            fail(member, reason)
            throw Setback(reason: reason, mayHaveReached: false)
        }
        state.withLock { $0.health.worked(member) }
        return answer
    }

    private func refusal(_ reply: Reply, _ name: String, _ member: Int) -> Setback {
        guard let refusal = try? RefusalAnswer(reply.body) else {
            let text = reply.body.description.prefix(200)
            let reason = "\(name) answers \(reply.status), not as etcd 3.4 or newer does: \(text)"
            fail(member, reason)
            return Setback(reason: reason, mayHaveReached: false)
        }
        guard refusal.isOfMember else {
            state.withLock { $0.health.worked(member) }
            return Setback(reason: refusal.message, mayHaveReached: false, refusal: refusal)
        }
        let reason = "\(name): \(refusal.message)"
        fail(member, reason)
        return Setback(reason: reason, mayHaveReached: !refusal.wasNotTried)
    }
}

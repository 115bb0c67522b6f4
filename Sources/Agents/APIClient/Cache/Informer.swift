// A local copy of a resource that follows the servers' one.

import APIModel
import HTTPClient
import JSON
import SQLite
import Synchronization

/// Keeps a local copy of a resource's objects and tells of each change. It lists once, then
/// watches; with a file it also survives a restart, and lists nothing then.
///
/// What it shows is the servers' state at `revision`, a moment ago: never a mixture, never going
/// back. Handlers see each change once, in order, and find it here.
public final class Informer: Sendable {
    /// What happens beside changes.
    public enum Report: Sendable {
        /// The file held everything up to this revision.
        case resumed(revision: String, objectCount: Int)
        /// Everything was fetched.
        case listed(revision: String, objectCount: Int)
        /// A watch ended or failed, and another one follows.
        case interrupted(APIFailure?)
        /// A file is not used, or not written any more.
        case fileTrouble(String)
    }

    /// What an informer has done since it was made.
    public struct Figures: Sendable {
        public var lists = 0
        public var watches = 0
        public var events = 0
    }

    private struct State {
        var table: ObjectTable
        var isSynced = false
        /// The servers have forgotten our position. What is known stays readable meanwhile.
        var needsList = true
        var figures = Figures()
        var waiters: [(Informer.Goal, CheckedContinuation<Void, Never>)] = []
    }

    private enum Goal {
        case synced
        case revision(UInt64)
    }

    private let api: API
    private let resource: Resource
    private let selection: Selection
    private let file: CacheFile?
    private let onChange: @Sendable (ObjectChange) async -> Void
    private let onReport: @Sendable (Report) -> Void
    private let state: Mutex<State>

    /// - Parameters:
    ///   - file: where the objects are kept between runs. One informer per file.
    ///   - onChange: told of each change, one after the other; the next events wait for it.
    public init(
        _ api: API, _ resource: Resource, _ selection: Selection = Selection(),
        indexes: [ObjectIndex] = [], file: String? = nil,
        onReport: @escaping @Sendable (Report) -> Void = { _ in },
        onChange: @escaping @Sendable (ObjectChange) async -> Void = { _ in }
    ) {
        self.api = api
        self.resource = resource
        self.selection = selection
        self.file = file.map { CacheFile($0) }
        self.onChange = onChange
        self.onReport = onReport
        state = Mutex(State(table: ObjectTable(indexes)))
    }

    // MARK: Reading

    public func object(_ key: ObjectKey) -> JSONValue? { state.withLock { $0.table.objects[key] } }

    /// Every object, with the revision at which they are so; nil before the first list.
    public var present: (objects: [ObjectKey: JSONValue], revision: String)? {
        state.withLock { state in state.table.revision.map { (state.table.objects, $0) } }
    }

    /// The objects with `value` in an index.
    public func objects(_ index: String, _ value: String) -> [JSONValue] {
        state.withLock { state in
            state.table.keys(index, value).sorted().compactMap { state.table.objects[$0] }
        }
    }

    public var figures: Figures { state.withLock { $0.figures } }

    /// Returns when the present state was known once, from a list or the file and a first answer.
    public func waitForSync() async { await wait(.synced) }

    /// Returns when everything up to `revision` is known.
    public func wait(for revision: UInt64) async { await wait(.revision(revision)) }

    private func wait(_ goal: Goal) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if Self.isReached(goal, state) { return true }
                state.waiters.append((goal, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }

    private static func isReached(_ goal: Goal, _ state: borrowing State) -> Bool {
        switch goal {
        case .synced: state.isSynced
        case .revision(let wanted):
            state.isSynced && (state.table.revision.flatMap { UInt64($0) } ?? 0) >= wanted
        }
    }

    private func wakeWaiters() {
        let reached = state.withLock { state in
            let waiters = state.waiters
            let isReached = waiters.map { Self.isReached($0.0, state) }
            state.waiters = zip(waiters, isReached).filter { !$0.1 }.map(\.0)
            return zip(waiters, isReached).filter(\.1).map(\.0)
        }
        for (_, continuation) in reached { continuation.resume() }
    }

    // MARK: Following

    /// Follows the resource until the task is cancelled. Called once.
    public func run() async {
        var rest = Rest(api.limits)
        await restore(&rest)
        while !Task.isCancelled {
            do {
                if let revision = state.withLock({ $0.needsList ? nil : $0.table.revision }) {
                    try await follow(from: revision) { rest.reset() }
                    onReport(.interrupted(nil))
                    try? await Task.sleep(for: rest.next(jitter: Double.random(in: 0..<1)))
                } else {
                    try await list()
                    rest.reset()
                }
            } catch {
                if error.isCancelled, Task.isCancelled { break }
                onReport(.interrupted(error))
                if error.isExpired { state.withLock { $0.needsList = true } }
                try? await Task.sleep(for: rest.next(jitter: Double.random(in: 0..<1)))
            }
        }
        await file?.close()
    }

    private func restore(_ rest: inout Rest) async {
        guard let file else { return }
        while !Task.isCancelled {
            do {
                let cluster = try await api.clusterIdentity()
                let identity = CacheIdentity(
                    cluster: cluster, resource: resource, selection: selection)
                await restore(file, identity)
                return rest.reset()
            } catch {
                onReport(.interrupted(error))
                try? await Task.sleep(for: rest.next(jitter: Double.random(in: 0..<1)))
            }
        }
    }

    private func restore(_ file: CacheFile, _ identity: CacheIdentity) async {
        do {
            let content = try await file.open(identity)
            if let refusal = content.refusal { onReport(.fileTrouble(refusal)) }
            guard let revision = content.revision else { return }
            state.withLock { state in
                state.table.restore(content.objects, revision: revision)
                state.needsList = false
            }
            for object in content.objects.values { await onChange(.added(object)) }
            onReport(.resumed(revision: revision, objectCount: content.objects.count))
        } catch {
            onReport(.fileTrouble(error.description))
        }
    }

    private func list() async throws(APIFailure) {
        let (objects, revision) = try await presentState()
        await take { $0.replace(with: objects, revision: revision) }
        state.withLock { state in
            state.figures.lists += 1
            state.needsList = false
        }
        onReport(.listed(revision: revision, objectCount: objects.count))
        synced()
    }

    /// As a stream when the server knows how, else page by page.
    private func presentState() async throws(APIFailure) -> ([JSONValue], String) {
        let watch: Watch
        do {
            watch = try await api.watch(resource, selection, from: .presentState)
        } catch {
            guard case .refused(let status) = error, [400, 422].contains(status.httpCode) else {
                throw error
            }
            let page = try await api.list(resource, selection)
            return (page.objects, page.revision)
        }
        defer { watch.cancel() }
        var objects: [JSONValue] = []
        while let events = try await watch.next() {
            for event in events {
                switch event {
                case .added(let object): objects.append(object)
                case .bookmark(let revision, true): return (objects, revision)
                default: break
                }
            }
        }
        throw .malformed("the present state did not end")
    }

    private func follow(
        from revision: String, begun: () -> Void
    ) async throws(APIFailure) {
        let watch = try await api.watch(resource, selection, from: .after(revision))
        defer { watch.cancel() }
        state.withLock { $0.figures.watches += 1 }
        begun()
        // What the file held is the state of a moment that was; the watch goes on from there.
        synced()
        do {
            while let events = try await watch.next() {
                state.withLock { $0.figures.events += events.count }
                await take { $0.apply(events) }
            }
        } catch {
            if !error.isExpired, !error.isCancelled { api.setAside(watch.server) }
            throw error
        }
    }

    /// Readers first, then handlers, then the file: one that is behind is repeated, not wrong.
    private func take(
        _ change: @Sendable (inout ObjectTable) -> ObjectTable.Step
    ) async {
        let step = state.withLock { change(&$0.table) }
        for change in step.changes { await onChange(change) }
        wakeWaiters()
        guard let file else { return }
        do {
            try await file.write(step)
        } catch {
            onReport(.fileTrouble(error.description))
        }
    }

    private func synced() {
        state.withLock { $0.isSynced = true }
        wakeWaiters()
    }
}

/// How long to wait after a failure. Performs no I/O.
struct Rest {
    private let limits: Limits
    private var longest: Duration

    init(_ limits: Limits) {
        self.limits = limits
        longest = limits.restTimeMin
    }

    mutating func reset() { longest = limits.restTimeMin }

    /// - Parameter jitter: at random, in `0..<1`: half of the wait at most is left out.
    mutating func next(jitter: Double) -> Duration {
        defer { longest = min(longest * 2, limits.restTimeMax) }
        return longest * (1 - jitter / 2)
    }
}

extension API {
    /// What tells this store from every other one: the identity of a namespace that each has, and
    /// else the servers' addresses.
    func clusterIdentity() async throws(APIFailure) -> String {
        do {
            let namespace = try await get(Resource("namespaces"), "kube-system")
            return "uid \(ObjectMeta(of: namespace).uid)"
        } catch {
            guard case .refused(let status) = error, [403, 404].contains(status.httpCode) else {
                throw error
            }
            return "at " + servers.map(\.description).sorted().joined(separator: " ")
        }
    }
}

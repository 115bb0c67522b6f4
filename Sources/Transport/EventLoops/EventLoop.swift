// One thread, one epoll descriptor, and everything that happens on them.

import Glibc
import Synchronization
import SystemCalls

/// A serial executor that also waits for sockets and for points in time.
///
/// The loop is a thread that sleeps in epoll_wait(2): one wake-up serves every socket that is ready
/// and all the work that was asked for. Whatever is confined to a loop is used on its thread only.
/// A serial `DispatchQueue` with a source on the epoll descriptor did the same with two more
/// changes of threads for each wake-up, which took a seventh of the processor's time.
public final class EventLoop: TaskExecutor, @unchecked Sendable {
    // Reason: what changes is used on the loop's thread only, but for `inbox` and `owner`, which
    // are safe anywhere; `poller`, `wake` and `clock` never change.
    private let poller: Poller
    private let timer: TimerDescriptor
    private let wake: WakeDescriptor
    private let clock: any LoopClock
    private let inbox = Inbox()
    private var taken: ContiguousArray<Inbox.Item> = []
    /// The thread that runs the loop; 0 is none.
    private let owner = Atomic<UInt>(0)

    private var registrations = Registrations()
    private var redeliveries: [(token: UInt64, readiness: Readiness)] = []
    private var scheduled = WorkHeap()
    private var alarm: LoopTime?

    /// Memory that whoever runs on the loop may use until it returns: what is read from a socket
    /// lands here, so that an idle connection holds no buffer.
    public let scratch: UnsafeMutableRawBufferPointer

    /// The kernel's form of segments that are being written.
    let vector: UnsafeMutableBufferPointer<iovec>

    private static let timerToken = UInt64.max
    private static let wakeToken = UInt64.max - 1

    /// - Throws: `SystemError` for lack of descriptors, threads or memory.
    init(clock: any LoopClock) throws(SystemError) {
        poller = try Poller()
        timer = try TimerDescriptor()
        wake = try WakeDescriptor()
        self.clock = clock
        scratch = .allocate(byteCount: Limits.scratchByteCount, alignment: 16)
        vector = .allocate(capacity: Limits.segmentsPerWriteMax)
        try poller.addReadable(timer.rawDescriptor, token: Self.timerToken)
        try poller.addEdgeTriggered(wake.rawDescriptor, token: Self.wakeToken)
        // The thread keeps the loop until it is shut down.
        inbox.wokeUp()
        try startThread { [self] in run() }
    }

    deinit {
        scratch.deallocate()
        vector.deallocate()
    }

    /// Closes every socket and forgets every plan. The loop reports nothing afterwards.
    func shutDown() {
        execute { [self] in
            scheduled.removeAll()
            for registered in registrations.all { registered.loopShutsDown() }
            inbox.shutDown()
        }
    }

    // MARK: Running on the loop

    /// Whether the caller runs on this loop.
    public var isCurrent: Bool {
        owner.load(ordering: .relaxed) == ThreadName.current.rawValue
    }

    /// - Precondition: the caller runs on this loop.
    public func preconditionOnLoop() { precondition(isCurrent, "not on the loop") }

    /// `preconditionOnLoop`, in debug builds only.
    @inlinable
    public func assertOnLoop() {
        assert(isCurrent, "not on the loop")
    }

    /// Does `work` on the loop, after what was asked before.
    public func execute(_ work: @escaping @Sendable () -> Void) { put(.work(work)) }

    public func enqueue(_ job: consuming ExecutorJob) { put(.job(UnownedJob(job))) }

    private func put(_ item: Inbox.Item) {
        switch inbox.put(item) {
        case .nothing: break
        case .waking: wake.ring()
        case .thread: startAgain()
        }
    }

    /// Runs what is asked of a loop that was shut down and whose thread has ended.
    private func startAgain() {
        do {
            try startThread { [self] in run() }
        } catch {
            preconditionFailure("no thread for what a closed loop still has to do: \(error)")
        }
    }

    /// The thread: rounds of what is ready and of what was asked for, until the loop is shut down
    /// and nothing is left.
    private func run() {
        let name = ThreadName.current.rawValue
        owner.store(name, ordering: .relaxed)
        while true {
            let rest = redeliveries.isEmpty ? inbox.rest() : .none
            if rest == .end { break }
            let count = poller.poll(waits: rest == .sleep)
            if rest == .sleep { inbox.wokeUp() }
            for index in 0..<count { deliver(poller.report(index)) }
            if !redeliveries.isEmpty { deliverPostponed() }
            work()
        }
        // Unless another thread has begun to do what was asked for after the end.
        _ = owner.compareExchange(expected: name, desired: 0, ordering: .relaxed)
    }

    private func work() {
        inbox.take(&taken)
        for item in taken {
            switch item {
            case .work(let work): work()
            case .job(let job): job.runSynchronously(on: asUnownedTaskExecutor())
            }
        }
        taken.removeAll(keepingCapacity: taken.count <= Limits.keptItemCountMax)
    }

    // MARK: Time

    /// The time on the loop's clock.
    public var now: LoopTime { clock.now }

    /// Does `work` on the loop once `delay` has passed.
    /// - Precondition: called on the loop.
    @discardableResult
    public func schedule(
        after delay: Duration, _ work: @escaping @Sendable () -> Void
    ) -> ScheduledWork {
        schedule(at: now + delay, work)
    }

    /// Does `work` on the loop at `time`, or soon when that has passed.
    /// - Precondition: called on the loop.
    @discardableResult
    public func schedule(
        at time: LoopTime, _ work: @escaping @Sendable () -> Void
    ) -> ScheduledWork {
        assertOnLoop()
        let entry = ScheduledWork(due: time, loop: self, work)
        scheduled.insert(entry)
        setAlarm()
        return entry
    }

    func scheduledWorkWasCancelled() { scheduled.noteCancelled() }

    var scheduledCount: Int { scheduled.count }

    /// Does what is due. Only a loop on a clock of its own needs to be told.
    /// - Precondition: called on the loop.
    public func runDueWork() {
        assertOnLoop()
        let now = now
        while let work = scheduled.popDue(at: now) { work.run() }
        setAlarm()
    }

    private func setAlarm() {
        guard clock.isMonotonicClock, scheduled.earliest != alarm else { return }
        // An alarm that rings too early costs less than setting it at every cancellation.
        if let alarm, let earliest = scheduled.earliest, alarm < earliest { return }
        alarm = scheduled.earliest
        timer.set(nanoseconds: alarm?.nanoseconds)
    }

    private func alarmRang() {
        timer.acknowledge()
        alarm = nil
        runDueWork()
    }

    // MARK: Readiness

    /// Reports to `target` whenever `descriptor` becomes ready for something.
    /// - Throws: what epoll_ctl(2) refused.
    func register(_ descriptor: CInt, _ target: any Registered) throws(SystemError) -> UInt64 {
        assertOnLoop()
        let token = registrations.insert(target)
        do {
            if target.isListener {
                try poller.addReadable(descriptor, token: token)
            } else {
                try poller.addEdgeTriggered(descriptor, token: token)
            }
        } catch {
            registrations.remove(token)
            throw error
        }
        return token
    }

    func unregister(_ descriptor: CInt, token: UInt64) {
        assertOnLoop()
        poller.remove(descriptor)
        registrations.remove(token)
    }

    /// Reports `readiness` once more, after every other socket has had its turn.
    func deliverAgain(_ readiness: Readiness, token: UInt64) {
        assertOnLoop()
        redeliveries.append((token, readiness))
    }

    private func deliver(_ report: Poller.Report) {
        if report.token == Self.timerToken { return alarmRang() }
        if report.token == Self.wakeToken { return }
        registrations[report.token]?.becameReady(report.readiness)
    }

    private func deliverPostponed() {
        let postponed = redeliveries
        redeliveries = []
        for (token, readiness) in postponed { registrations[token]?.becameReady(readiness) }
    }
}

/// What a loop reports to.
protocol Registered: AnyObject {
    var isListener: Bool { get }
    func becameReady(_ readiness: Readiness)
    func loopShutsDown()
}

/// The targets of a loop by token. A token is a place and how often the place was used before, so
/// that a late report never reaches the wrong target.
struct Registrations {
    private struct Place {
        var target: (any Registered)?
        var generation: UInt32 = 0
    }

    private var places: [Place] = []
    private var free: [UInt32] = []

    var all: [any Registered] { places.compactMap(\.target) }

    subscript(token: UInt64) -> (any Registered)? {
        let place = places[Int(UInt32(truncatingIfNeeded: token))]
        return place.generation == UInt32(truncatingIfNeeded: token >> 32) ? place.target : nil
    }

    mutating func insert(_ target: any Registered) -> UInt64 {
        let index: UInt32
        if let reused = free.popLast() {
            index = reused
        } else {
            index = UInt32(places.count)
            places.append(Place())
        }
        places[Int(index)].target = target
        return UInt64(places[Int(index)].generation) << 32 | UInt64(index)
    }

    mutating func remove(_ token: UInt64) {
        let index = UInt32(truncatingIfNeeded: token)
        precondition(self[token] != nil, "not registered: \(token)")
        places[Int(index)].target = nil
        // The last generation is left out: it could read as the timer's token.
        places[Int(index)].generation = (places[Int(index)].generation + 1) & 0x7FFF_FFFF
        free.append(index)
    }
}

/// Bounds of a loop.
enum Limits {
    /// What one read takes at most; also the size of the loop's shared memory.
    static let scratchByteCount = 64 * 1024
    /// Room for work that is kept from round to round; a burst's is given back.
    static let keptItemCountMax = 256
    /// Connections accepted in a row before other sockets get their turn.
    static let acceptsPerRoundMax = 64
    /// Connections that may wait for a listener: as many as the kernel keeps by default.
    static let waitingCountMax = 4096
    /// How long a listener rests when the process is out of descriptors or memory.
    static let acceptPause = Duration.milliseconds(100)
    /// Segments of one sendmsg(2): IOV_MAX of Linux.
    static let segmentsPerWriteMax = 1024
    /// Bytes of one sendmsg(2). More would only hold up the other connections of the loop.
    static let bytesPerWriteMax = 1024 * 1024
}

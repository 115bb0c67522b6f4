import Buffers

/// Lists, before each of which one pod is changed. The first half of the connections lists, the
/// second half patches; a list is asked for only when a patch has been answered that no list before
/// it counted.
struct PatchedLists: RequestSource {
    private let list: Bytes
    private let expectation: ExpectedAnswer
    private let listerCount: Int
    private let podCount: Int
    private let address: Endpoint
    private var patchesSent = 0
    /// Patches that were answered and that no list has used.
    private var changesAhead = 0
    /// Patches that are on their way.
    private var patchesOpen = 0

    init(
        _ list: Request, to address: Endpoint, listers: Int, _ expectation: ExpectedAnswer,
        pods: Int
    ) {
        var buffer = ByteBuffer()
        list.write(into: &buffer, host: address)
        self.list = buffer.freeze()
        self.expectation = expectation
        self.address = address
        listerCount = listers
        podCount = pods
    }

    mutating func next(on slot: Slot, into buffer: inout ByteBuffer) -> NextStep {
        if slot.connection < listerCount {
            guard changesAhead > 0 else { return .later }
            changesAhead -= 1
            buffer.append(list)
            return .request(expectation)
        }
        guard changesAhead + patchesOpen < listerCount else { return .later }
        patchesOpen += 1
        // A step that shares no divisor with the pods' number spreads the changes.
        let pod = patchesSent * 7919 % podCount
        let body = #"{"metadata":{"annotations":{"example.com/revision":"\#(patchesSent)"}}}"#
        patchesSent += 1
        Request.mergePatch(BenchObjects.pod(pod), Bytes(body)).write(into: &buffer, host: address)
        return .request(ExpectedAnswer(status: 200, isMeasured: false))
    }

    mutating func answered(on connection: Int) {
        guard connection >= listerCount else { return }
        patchesOpen -= 1
        changesAhead += 1
    }
}

// The order of scheduled work.

import Testing

@testable import EventLoops

@Suite struct WorkHeapTests {
    private let loop: EventLoop

    init() throws { loop = try EventLoopGroup(count: 1).loops[0] }

    private func work(_ nanoseconds: Int64) -> ScheduledWork {
        ScheduledWork(due: LoopTime(nanoseconds: nanoseconds), loop: loop) {}
    }

    @Test func `work comes out in the order it is due`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var state = seed
        var heap = WorkHeap()
        for _ in 0..<500 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            heap.insert(work(Int64(state >> 40)))
        }
        var last = Int64.min
        var count = 0
        while let next = heap.popDue(at: .never) {
            count += 1
            #expect(next.due.nanoseconds >= last, "seed \(seed)")
            last = next.due.nanoseconds
        }
        #expect(count == 500)
    }

    @Test func `nothing comes out before it is due`() {
        var heap = WorkHeap()
        heap.insert(work(10))
        let early = heap.popDue(at: LoopTime(nanoseconds: 9))
        #expect(early == nil)
        let due = heap.popDue(at: LoopTime(nanoseconds: 10))
        #expect(due?.due.nanoseconds == 10)
    }
}

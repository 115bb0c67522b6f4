// One call in the place of many.

import Testing

@testable import EtcdStorage

/// Calls that end when and as the test says.
private actor Calls {
    private(set) var count = 0
    private var ending: CheckedContinuation<Int?, Never>?

    func begin() async -> Int? {
        count += 1
        return await withCheckedContinuation { ending = $0 }
    }

    /// Ends the call under way once there is one; `nil` for a failure.
    func end(_ answer: Int?) async {
        while ending == nil { await Task.yield() }
        let ending = ending
        self.ending = nil
        ending?.resume(returning: answer)
    }
}

@Suite struct SharedCallTests {
    private struct Failure: Error {}
    private typealias Call = SharedCall<Int, Failure>

    private let calls = Calls()
    private let shared: Call

    init() {
        shared = Call { [calls] () async throws(Failure) in
            guard let answer = await calls.begin() else { throw Failure() }
            return answer
        }
    }

    /// One who asks while a call is under way, which ends as `answer` says.
    private func latecomer(toOneThatEnds answer: Int?) async -> Task<Int, any Error> {
        let first = Task { try await shared.answer() }
        while await calls.count == 0 { await Task.yield() }
        let late = Task { try await shared.answer() }
        while shared.waiterCount == 0 { await Task.yield() }
        await calls.end(answer)
        #expect((try? await first.value) == answer)
        return late
    }

    @Test func `who comes while a call is under way is answered by the next one`() async throws {
        let late = await latecomer(toOneThatEnds: 1)
        await calls.end(2)
        #expect(try await late.value == 2)
    }

    @Test func `who comes while a call fails is told of it, and the next one begins anew`()
        async throws
    {
        let late = await latecomer(toOneThatEnds: nil)
        await #expect(throws: Failure.self) { try await late.value }
        #expect(await calls.count == 1)
        let next = Task { try await shared.answer() }
        await calls.end(3)
        #expect(try await next.value == 3)
    }
}

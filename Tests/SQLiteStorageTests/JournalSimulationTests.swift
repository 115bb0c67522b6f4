import SeedTesting
import StorageTesting
import Testing

/// The guarantees of a watch across a gateway's restarts, whatever happens to the store, the
/// network and the disk: many short lives, each with a seed of its own.
struct JournalSimulationTests {
    @Test func `ten thousand gateways lose, repeat and invent nothing`() async throws {
        let first = SeededGenerator().seed
        print("journal simulation: BINNACLE_TEST_SEED=\(first)")
        var total = JournalSimulation.Counts()
        for number in 0..<UInt64(10_000) {
            let seed = first &+ number
            do {
                var simulation = try await JournalSimulation(seed: seed)
                try await simulation.run(stepCount: 40)
                total.add(simulation.counts)
            } catch {
                Issue.record("BINNACLE_TEST_SEED=\(seed): \(error)")
                return
            }
        }
        print("journal simulation: \(total)")
        #expect(total.readCount > 10_000)
        #expect(total.restartCount > 5_000)
        #expect(total.derivedCount > 500)
        #expect(total.setAsideCount > 500)
        #expect(total.lostCount > 10)
        #expect(total.voidCount > 500)
        #expect(total.refusedCount > 500)
    }
}

extension JournalSimulation.Counts {
    fileprivate mutating func add(_ other: Self) {
        readCount += other.readCount
        restartCount += other.restartCount
        derivedCount += other.derivedCount
        setAsideCount += other.setAsideCount
        lostCount += other.lostCount
        voidCount += other.voidCount
        refusedCount += other.refusedCount
        expiredCount += other.expiredCount
    }
}

// The cache compares itself with the store, now and then, and sets right what differs.

import Buffers
import Observability
import Storage

extension Cache {
    /// Compares the cache with the store from time to time, until the task is cancelled. Takes one
    /// page at a time and leaves the store alone in between. What differs is reported, and
    /// corrected by whoever runs `run`: watchers are shown it as events and are not cut off.
    public func runChecks() async {
        while !Task.isCancelled {
            let wait = common.limits.checkInterval * Double.random(in: 0.75...1.25)
            do { try await common.clock.sleep(wait) } catch { return }
            await check()
        }
    }

    /// Compares every resource once.
    func check() async {
        let ordered = resources.sorted { $0.description.name < $1.description.name }
        for resource in ordered where !Task.isCancelled { await check(resource) }
    }

    /// Compares one resource, and again after each correction.
    private func check(_ resource: ResourceCache) async {
        for _ in 0..<common.limits.checkRoundCountMax {
            let comparison: Comparison
            do throws(StorageError) {
                let start = common.clock.now()
                guard let compared = try await compare(resource) else { return }
                common.figures.checkDuration.observe(common.clock.now() - start)
                comparison = compared
            } catch {
                if Task.isCancelled { return }
                resource.figures.count(.error)
                common.report(.unchecked(resource: resource.description.name, error))
                return
            }
            guard let finding = finding(comparison, resource) else {
                resource.figures.count(.success)
                return
            }
            resource.figures.count(.failure)
            common.report(.differs(finding))
            guard await correct(comparison.differing, finding, resource) else { return }
        }
    }

    private func finding(
        _ comparison: Comparison, _ resource: ResourceCache
    ) -> CheckFinding? {
        guard let first = comparison.differing.first else { return nil }
        return CheckFinding(
            resource: resource.description.name, revision: comparison.snapshot.revision,
            firstKey: first, keyCount: comparison.differing.count)
    }

    /// - Returns: `nil` when the resource has no state to compare now, or the state that was
    ///   compared means nothing any more.
    private func compare(
        _ resource: ResourceCache
    ) async throws(StorageError) -> Comparison? {
        guard resource.isFollowing else { return nil }
        let resets = common.progress.resetCount
        var comparison = Comparison(resource, keyCountMax: common.limits.checkedKeyCountMax)
        while true {
            let page = try await store.list(
                resource.keyRange, after: comparison.position,
                limit: common.limits.checkPageItemCount, at: comparison.snapshot.revision)
            comparison.compare(page)
            guard page.hasMore, !comparison.isFull else { break }
            do { try await common.clock.sleep(common.limits.checkPause) } catch { return nil }
        }
        return common.progress.resetCount == resets && !resource.isRemoved ? comparison : nil
    }

    /// Has the follower read `keys` anew, and waits until that has been done. A note in the store
    /// moves it on: corrections need a revision that nobody has been shown yet, and a store at rest
    /// would not bring one.
    /// - Returns: false when that could not be waited for.
    private func correct(
        _ keys: [Key], _ finding: CheckFinding, _ resource: ResourceCache
    ) async -> Bool {
        common.suspects.add(Suspects.Part(resource: resource, keys: keys))
        let note = Bytes("\(finding.firstKey) differed at \(finding.revision)")
        let key = Key(Self.notePrefix + resource.description.name)
        do throws(StorageError) {
            let result = try await store.commit(Transaction(operations: [.put(key, note)]))
            guard case .committed(let revision) = result else { return false }
            return await waitUntilApplied(revision)
        } catch {
            common.report(.unchecked(resource: resource.description.name, error))
            return false
        }
    }

    /// Notes stand beside the resources, one for each that was ever corrected.
    private static let notePrefix = "binnacle.checks/"

    // MARK: Correcting, for the follower

    /// What the store has under the keys that a check has found, as of what is applied. Only
    /// between two batches.
    func takeCorrections() async -> [Corrections] {
        var corrections: [Corrections] = []
        let applied = appliedRevision
        for part in common.suspects.take() {
            var items: [(key: Key, item: Item?)] = []
            do throws(StorageError) {
                for key in part.keys { items.append((key, try await store.get(key, at: applied))) }
                corrections.append(
                    Corrections(
                        resource: part.resource, items: items, position: applied.next))
            } catch {
                common.report(.unchecked(resource: part.resource.description.name, error))
            }
        }
        return corrections
    }
}

import Buffers
import SeedTesting
import Storage
import StorageTesting
import Testing

@testable import WatchCache

private let form = ObjectForm(Samples.pods, interning: InternTable())

private func object(_ number: Int, revision: UInt64 = 1) -> CachedObject {
    let sample = Samples.pod("pod-\(String(number, radix: 36))")
    return form.object(
        Item(key: Key(sample.key), value: sample.value, revision: Revision(revision)))!
}

extension Tree {
    fileprivate var keys: [Key] {
        var keys: [Key] = []
        walkLeaves(from: Start(.all, after: nil), to: nil) { leaf, part in
            keys += leaf.objects[part].map(\.key)
            return true
        }
        return keys
    }

    /// Checks order, counts, fill and depth.
    fileprivate func checkInvariants() {
        guard let root else { return }
        #expect(root.entryCount <= Node.entryCountMax)
        #expect(root.isLeaf ? root.entryCount > 0 : root.entryCount > 1)
        _ = Self.depth(root, isRoot: true, from: nil, to: nil)
    }

    private static func depth(_ node: Node, isRoot: Bool, from: Key?, to: Key?) -> Int {
        #expect(node.entryCount <= Node.entryCountMax)
        #expect(isRoot || node.entryCount >= Node.entryCountMin)
        if node.isLeaf {
            #expect(node.count == node.objects.count)
            for object in node.objects {
                #expect(from.map { $0 <= object.key } ?? true)
                #expect(to.map { object.key < $0 } ?? true)
            }
            return 1
        }
        #expect(node.separators.count == node.children.count - 1)
        #expect(node.count == node.children.reduce(0) { $0 + $1.count })
        let bounds = [from] + node.separators.map { $0 } + [to]
        let depths = node.children.enumerated().map { index, child in
            depth(child, isRoot: false, from: bounds[index], to: bounds[index + 1])
        }
        #expect(Set(depths).count == 1)
        return depths[0] + 1
    }
}

@Suite struct TreeTests {
    @Test func `a tree holds what a sorted array would hold`() {
        var random = SeededGenerator()
        var tree = Tree()
        var model: [Key: UInt64] = [:]
        for step in 0..<12_000 {
            let isGrowing = (step / 3_000).isMultiple(of: 2)
            let number = Int.random(in: 0..<3_000, using: &random)
            let new = object(number, revision: UInt64(step + 1))
            if Int.random(in: 0..<10, using: &random) < (isGrowing ? 8 : 2) {
                #expect(tree.insert(new)?.revision.rawValue == model[new.key])
                model[new.key] = new.revision.rawValue
            } else {
                let removed = model.removeValue(forKey: new.key)
                #expect(tree.remove(new.key)?.revision.rawValue == removed)
            }
            if step.isMultiple(of: 500) { tree.checkInvariants() }
        }
        tree.checkInvariants()
        let sorted = model.keys.sorted()
        #expect(tree.keys == sorted, "BINNACLE_TEST_SEED=\(random.seed)")
        for (rank, key) in sorted.enumerated() {
            #expect(tree.object(key)?.revision.rawValue == model[key])
            #expect(tree.rank(of: key, including: false) == rank)
            #expect(tree.rank(of: key, including: true) == rank + 1)
        }
        for key in sorted.shuffled(using: &random) { tree.remove(key) }
        #expect(tree.count == 0 && tree.root == nil)
    }

    @Test(arguments: [0, 1, 24, 25, 49, 600, 5_000])
    func `a tree built from sorted objects keeps the same rules`(count: Int) {
        let objects = (0..<count).map { object($0) }.sorted { $0.key < $1.key }
        let tree = Tree(sorted: objects)
        tree.checkInvariants()
        #expect(tree.keys == objects.map(\.key))
        #expect(tree.count == count)
    }

    @Test func `a copy stays as it is while the original changes`() {
        var random = SeededGenerator()
        var tree = Tree(sorted: (0..<2_000).map { object($0) }.sorted { $0.key < $1.key })
        var copies: [(tree: Tree, keys: [Key])] = []
        for round in 0..<20 {
            copies.append((tree, tree.keys))
            for _ in 0..<100 {
                let new = object(Int.random(in: 0..<4_000, using: &random), revision: 2)
                if round.isMultiple(of: 2) { tree.insert(new) } else { tree.remove(new.key) }
            }
        }
        for copy in copies {
            copy.tree.checkInvariants()
            #expect(copy.tree.keys == copy.keys, "BINNACLE_TEST_SEED=\(random.seed)")
        }
    }

    @Test func `a walk visits exactly the range, and counts agree with it`() {
        var random = SeededGenerator()
        let objects = (0..<1_000).map { object($0) }.sorted { $0.key < $1.key }
        let snapshot = Snapshot(
            tree: Tree(sorted: objects), budget: LeafBudget(byteCountMax: 1 << 20),
            revision: Revision(1), changedAt: Revision(1))
        func key() -> Key {
            let number = Int.random(in: 0..<2_000, using: &random)
            return Key("core/pods/default/pod-" + String(number, radix: 36))
        }
        for _ in 0..<500 {
            let range = KeyRange(lower: key(), upper: Bool.random(using: &random) ? key() : nil)
            let after = Bool.random(using: &random) ? key() : nil
            let expected = objects.map(\.key).filter { found in
                range.contains(found) && (after.map { found > $0 } ?? true)
            }
            var visited: [Key] = []
            snapshot.forEach(in: range, after: after) { object in
                visited.append(object.key)
                return true
            }
            #expect(visited == expected)
            #expect(snapshot.count(in: range, after: after) == expected.count)
        }
    }
}

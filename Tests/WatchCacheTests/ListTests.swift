import Buffers
import Compression
import Storage
import Testing

@testable import WatchCache

private func loaded(_ count: Int, limits: WatchCache.Limits = WatchCache.Limits()) async throws
    -> Cache
{
    let cache = try await Samples.emptyCache(limits: limits)
    let events = (0..<count).map { number in
        Samples.put(
            Samples.pod("p\(number)", namespace: number.isMultiple(of: 3) ? "a" : "b"),
            UInt64(number + 1))
    }
    cache.apply(EventBatch(events: events, through: Revision(UInt64(count))))
    return cache
}

private func identityList(_ snapshot: Snapshot, _ range: KeyRange) -> String {
    var items: [String] = []
    snapshot.forEach(in: range) { object in
        items.append("{" + String(object.body))
        return true
    }
    return items.joined(separator: ",")
}

private func gunzipped(_ snapshot: Snapshot, _ range: KeyRange) throws -> String {
    let head: Bytes = #"{"kind":"PodList","items":["#
    let parts = snapshot.gzipList(head: head, range: range, tail: "]}")
    let plain = try gunzip(parts, byteCountMax: 64 << 20)
    #expect(plain.starts(with: head))
    return String(plain.dropFirst(head.count)[0..<plain.count - head.count - 2])
}

@Suite struct ListTests {
    @Test(arguments: [0, 1, 31, 33, 1_000])
    func `a joined list is the items with commas between`(count: Int) async throws {
        let cache = try await loaded(count)
        let snapshot = cache.pods.snapshot()
        for scope in ["core/pods/", "core/pods/a/", "core/pods/b/p1", "core/pods/c/"] {
            let range = KeyRange.prefix(Key(scope))
            let items = snapshot.items(in: range)
            let text = items.parts.map { String($0) }.joined()
            #expect(text == identityList(snapshot, range))
            #expect(items.byteCount == text.utf8.count)
            #expect(try gunzipped(snapshot, range) == text)
        }
    }

    @Test func `after one change only one leaf is compressed again`() async throws {
        let cache = try await loaded(2_000)
        let range = cache.pods.keyRange
        _ = cache.pods.snapshot().gzipList(head: "[", range: range, tail: "]")
        let leafCount = cache.compressionCount
        #expect(leafCount > 2_000 / Node.entryCountMax)

        _ = cache.pods.snapshot().gzipList(head: "[", range: range, tail: "]")
        #expect(cache.compressionCount == leafCount)

        cache.apply(Samples.put(Samples.pod("p3", namespace: "a", node: "n1"), 2_001))
        let snapshot = cache.pods.snapshot()
        #expect(try gunzipped(snapshot, range) == identityList(snapshot, range))
        #expect(cache.compressionCount == leafCount + 1)
    }

    @Test func `a head too large to be stored is compressed`() throws {
        let snapshot = Snapshot(
            tree: Tree(), budget: LeafBudget(byteCountMax: 1), revision: .zero, changedAt: .zero)
        let head = Bytes(Array(repeating: UInt8(ascii: "x"), count: 200_000))
        let parts = snapshot.gzipList(head: head, range: .all, tail: .empty)
        #expect(parts.reduce(0) { $0 + $1.count } < 1_000)
        #expect(try gunzip(parts, byteCountMax: 1 << 20) == head)
    }

    @Test func `kept forms stay within their share and the least used go first`() async throws {
        var limits = WatchCache.Limits()
        limits.leafByteCountMax = 40_000
        let cache = try await loaded(3_000, limits: limits)
        let snapshot = cache.pods.snapshot()
        let often = KeyRange.prefix(Key("core/pods/a/"))
        for _ in 0..<3 {
            for prefix in 0..<10 {
                _ = snapshot.items(in: .prefix(Key("core/pods/b/p\(prefix)")))
                #expect(cache.leafByteCount <= limits.leafByteCountMax)
            }
            let text = snapshot.items(in: often).parts.map { String($0) }.joined()
            #expect(text == identityList(snapshot, often))
            #expect(cache.leafByteCount <= limits.leafByteCountMax)
        }
    }

    @Test func `forms of leaves that are gone are off the books`() async throws {
        let cache = try await loaded(1_000)
        _ = cache.pods.snapshot().items(in: .all)
        #expect(cache.leafByteCount > 0)
        let deletions = (0..<1_000).map { number in
            Samples.delete(
                "core/pods/\(number.isMultiple(of: 3) ? "a" : "b")/p\(number)",
                UInt64(1_001 + number))
        }
        cache.apply(EventBatch(events: deletions, through: Revision(2_000)))
        #expect(cache.pods.snapshot().count == 0)
        #expect(cache.leafByteCount == 0)
    }
}

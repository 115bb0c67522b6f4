// A snapshot beside what the store lists.

import Buffers
import Storage

/// How a check of one resource ended.
enum CheckOutcome: Int, CaseIterable, Sendable {
    case success, failure, error
}

/// That the cache and the store differ.
public struct CheckFinding: Hashable, Sendable {
    /// The resource's name, such as `core/pods`.
    public let resource: String
    /// The state that was compared.
    public let revision: Revision
    /// The first key under which they differ.
    public let firstKey: Key
    /// How many do, as far as they were counted.
    public let keyCount: Int
}

/// Compares the snapshot of a resource with the pages of a listing at the same revision, key by
/// key: whether there is an object, its revision and its bytes. What selectors look at is read
/// from those bytes and not compared.
struct Comparison {
    private let form: ObjectForm
    private let range: KeyRange
    let snapshot: Snapshot
    private let keyCountMax: Int
    /// The end of the last page.
    private(set) var position: Key?
    /// Those that differ, in order, up to a number of them.
    private(set) var differing: [Key] = []

    init(_ resource: ResourceCache, keyCountMax: Int) {
        form = resource.form
        range = resource.keyRange
        snapshot = resource.snapshot()
        self.keyCountMax = keyCountMax
    }

    /// Whether enough has been found to correct it first.
    var isFull: Bool { differing.count >= keyCountMax }

    /// Compares the next page.
    mutating func compare(_ page: Page) {
        let last = page.hasMore ? page.items.last?.key : nil
        var cached = objects(through: last)[...]
        for item in page.items {
            while let object = cached.first, object.key < item.key {
                note(object.key)
                cached.removeFirst()
            }
            if let object = cached.first, object.key == item.key {
                if !form.isObject(object, of: item) { note(item.key) }
                cached.removeFirst()
            } else if form.object(item) != nil {
                note(item.key)
            }
        }
        for object in cached { note(object.key) }
        position = page.items.last?.key
    }

    private func objects(through last: Key?) -> [CachedObject] {
        var objects: [CachedObject] = []
        snapshot.forEach(in: range, after: position) { object in
            if let last, object.key > last { return false }
            objects.append(object)
            return true
        }
        return objects
    }

    private mutating func note(_ key: Key) {
        if !isFull { differing.append(key) }
    }
}

extension ObjectForm {
    /// Whether `object` is what `item` stores.
    func isObject(_ object: CachedObject, of item: Item) -> Bool {
        guard object.revision == item.revision, object.key == item.key,
            let start = start(of: item.value)
        else { return false }
        let body = bodyParts(of: item.value.dropFirst(start.count))
        let head = Self.bodyStart.count + item.revision.decimalDigitCount + body.separator.count
        return object.bodyByteCount == head + body.rest.count
            && object.resourceVersion.isDecimal(item.revision)
            && object.body.dropFirst(head) == body.rest
    }

    /// What follows the revision in the body of an object whose value ends like this.
    private func bodyParts(of rest: Bytes) -> (separator: Bytes, rest: Bytes) {
        (rest.starts(with: "}") ? "\"" : "\",", rest)
    }
}

extension Bytes {
    fileprivate func isDecimal(_ revision: Revision) -> Bool {
        var buffer = ByteBuffer(reserving: 20)
        buffer.append(decimal: revision.rawValue)
        return buffer.freeze() == self
    }
}

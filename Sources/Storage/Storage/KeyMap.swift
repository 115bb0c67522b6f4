// A sorted map in chunks: cheap to change, cheap to copy, walked in key order. All of it is
// inlinable: unspecialized, each comparison would go through witness tables.

/// Values under keys, in key order. A copy shares its chunks with the original until one of the two
/// changes them, so a reader can walk a copy while a writer goes on.
public struct KeyMap<Value> {
    @usableFromInline
    struct Entry {
        @usableFromInline let key: Key
        @usableFromInline var value: Value

        @inlinable
        init(key: Key, value: Value) {
            self.key = key
            self.value = value
        }
    }

    /// Entries of one chunk: an insertion moves at most this many, and a copy-on-write copies them.
    @inlinable static var chunkCountMax: Int { 256 }

    /// Sorted, and none of them empty.
    @usableFromInline var chunks: [[Entry]]
    @usableFromInline var entryCount: Int

    @inlinable
    public init() {
        chunks = []
        entryCount = 0
    }

    @inlinable
    public var count: Int { entryCount }

    @inlinable
    public var isEmpty: Bool { entryCount == 0 }

    /// The value of `key`; `nil` removes it.
    @inlinable
    public subscript(key: Key) -> Value? {
        get {
            let place = find(key)
            return place.isFound ? chunks[place.chunk][place.entry].value : nil
        }
        set {
            if let newValue { update(newValue, for: key) } else { remove(key) }
        }
    }

    /// Changes the value of `key` in place, or inserts `initial` and changes that.
    @inlinable
    public mutating func modify<Result>(
        _ key: Key, initial: @autoclosure () -> Value, _ body: (inout Value) -> Result
    ) -> Result {
        let place = find(key)
        if place.isFound { return body(&chunks[place.chunk][place.entry].value) }
        var value = initial()
        let result = body(&value)
        insert(Entry(key: key, value: value), at: place)
        return result
    }

    /// Calls `body` for the entries of `range` that come after `after`, in order, until it returns
    /// `false`.
    @inlinable
    public func walk(_ range: KeyRange, after: Key? = nil, _ body: (Key, Value) -> Bool) {
        var place = find(range.lower)
        if let after, after >= range.lower {
            place = find(after)
            if place.isFound { place.entry += 1 }
        }
        while place.chunk < chunks.count {
            let chunk = chunks[place.chunk]
            while place.entry < chunk.count {
                let entry = chunk[place.entry]
                if let upper = range.upper, entry.key >= upper { return }
                guard body(entry.key, entry.value) else { return }
                place.entry += 1
            }
            place.chunk += 1
            place.entry = 0
        }
    }

    /// Puts a key behind all others, into a full chunk rather than one that has room for more.
    /// - Returns: false, and nothing is changed, when `key` does not come after the last one.
    @inlinable
    public mutating func append(_ value: Value, for key: Key) -> Bool {
        let entry = Entry(key: key, value: value)
        if let last = chunks.last {
            guard last[last.count - 1].key < key else { return false }
            if last.count < Self.chunkCountMax * 7 / 8 {
                entryCount += 1
                chunks[chunks.count - 1].append(entry)
                return true
            }
        }
        entryCount += 1
        chunks.append([entry])
        return true
    }

    @inlinable
    mutating func update(_ value: Value, for key: Key) {
        let place = find(key)
        if place.isFound {
            chunks[place.chunk][place.entry].value = value
        } else {
            insert(Entry(key: key, value: value), at: place)
        }
    }

    @inlinable
    mutating func remove(_ key: Key) {
        let place = find(key)
        guard place.isFound else { return }
        chunks[place.chunk].remove(at: place.entry)
        if chunks[place.chunk].isEmpty { chunks.remove(at: place.chunk) }
        entryCount -= 1
    }

    @inlinable
    mutating func insert(_ entry: Entry, at place: Place) {
        entryCount += 1
        guard !chunks.isEmpty else {
            chunks.append([entry])
            return
        }
        chunks[place.chunk].insert(entry, at: place.entry)
        if chunks[place.chunk].count > Self.chunkCountMax { split(place.chunk) }
    }

    @inlinable
    mutating func split(_ index: Int) {
        // The last chunk is split near its end: keys that arrive in order leave full chunks behind.
        let count = chunks[index].count
        let kept = index == chunks.count - 1 ? count * 7 / 8 : count / 2
        let moved = Array(chunks[index][kept...])
        chunks[index].removeSubrange(kept...)
        chunks.insert(moved, at: index + 1)
    }
}

extension KeyMap {
    /// Where a key is, or where it belongs.
    @usableFromInline
    struct Place {
        @usableFromInline var chunk: Int
        @usableFromInline var entry: Int
        @usableFromInline let isFound: Bool

        @inlinable
        init(chunk: Int, entry: Int, isFound: Bool) {
            self.chunk = chunk
            self.entry = entry
            self.isFound = isFound
        }
    }

    @inlinable
    func find(_ key: Key) -> Place {
        guard !chunks.isEmpty else { return Place(chunk: 0, entry: 0, isFound: false) }
        // The last chunk whose first key is not past `key`, or the first chunk.
        var low = 0
        var high = chunks.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if key < chunks[middle][0].key { high = middle } else { low = middle }
        }
        let chunk = low
        low = 0
        high = chunks[chunk].count
        while low < high {
            let middle = (low + high) / 2
            if chunks[chunk][middle].key < key { low = middle + 1 } else { high = middle }
        }
        let isFound = low < chunks[chunk].count && chunks[chunk][low].key == key
        return Place(chunk: chunk, entry: low, isFound: isFound)
    }
}

extension KeyMap: Sendable where Value: Sendable {}
extension KeyMap.Entry: Sendable where Value: Sendable {}

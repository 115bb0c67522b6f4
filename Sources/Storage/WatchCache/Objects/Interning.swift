// Label names and values of which many objects have the same.

import Buffers
import Synchronization

/// A text of which a cache has one instance: equal texts are the same reference.
final class Interned: Sendable, Hashable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (left: Interned, right: Interned) -> Bool { left === right }
    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// An object's labels, in the order of their names. Objects with the same labels share one.
final class LabelSet: Sendable {
    struct Label: Hashable, Sendable {
        let name: Interned
        let value: Interned
    }

    let labels: ContiguousArray<Label>

    init(_ labels: ContiguousArray<Label>) { self.labels = labels }

    static let empty = LabelSet([])

    func value(of name: Interned) -> Interned? {
        for label in labels where label.name === name { return label.value }
        return nil
    }
}

/// The texts and label sets in use. Those that nobody holds any more are forgotten when the table
/// has doubled since the last time.
final class InternTable: Sendable {
    fileprivate struct State {
        var texts: [String: Interned] = [:]
        var sets: [Int: LabelSet] = [:]
        /// By the bytes that some object writes them with.
        var spellings: [Bytes: LabelSet] = [:]
        var purgeAt = InternTable.purgeCountMin

        mutating func text(_ text: String) -> Interned {
            if let known = texts[text] { return known }
            let new = Interned(text)
            texts[text] = new
            return new
        }
    }

    /// Below this many entries, forgetting the unused is not worth the search.
    fileprivate static let purgeCountMin = 4_096
    /// So many ways of writing labels are known, of 100 bytes or so each.
    private static let spellingCountMax = 4_096

    private let state = Mutex(State())

    func text(_ text: String) -> Interned {
        state.withLock { state in
            let result = state.text(text)
            state.purgeIfGrown()
            return result
        }
    }

    func labels(of fields: ObjectFields) -> LabelSet {
        switch fields.labels {
        case .read(let labels): return self.labels(labels)
        case .written(let bytes, let read):
            if let known = state.withLock({ $0.spellings[bytes] }) { return known }
            let set = labels(read(bytes))
            let name = bytes.compacted()
            state.withLock { state in
                if state.spellings.count >= Self.spellingCountMax { state.spellings = [:] }
                state.spellings[name] = set
            }
            return set
        }
    }

    func labels(_ labels: [(name: String, value: String)]) -> LabelSet {
        if labels.isEmpty { return .empty }
        let sorted = labels.count == 1 ? labels : labels.sorted { $0.name < $1.name }
        return state.withLock { state in
            var pairs = ContiguousArray<LabelSet.Label>()
            pairs.reserveCapacity(sorted.count)
            for label in sorted {
                let name = state.text(label.name)
                pairs.append(LabelSet.Label(name: name, value: state.text(label.value)))
            }
            let result = state.set(pairs)
            state.purgeIfGrown()
            return result
        }
    }

    /// How many texts and label sets are held.
    var count: Int { state.withLock { $0.texts.count + $0.sets.count } }
}

extension InternTable.State {
    /// The known set with these labels. Two sets whose hashes collide are both kept by their
    /// objects; only one of them is shared.
    fileprivate mutating func set(_ labels: ContiguousArray<LabelSet.Label>) -> LabelSet {
        let hash = labels.hashValue
        if let known = sets[hash] {
            return known.labels == labels ? known : LabelSet(labels)
        }
        let new = LabelSet(labels)
        sets[hash] = new
        return new
    }

    fileprivate mutating func purgeIfGrown() {
        guard texts.count + sets.count > purgeAt else { return }
        spellings = [:]
        Self.removeUnused(&sets)
        Self.removeUnused(&texts)
        purgeAt = max(InternTable.purgeCountMin, 2 * (texts.count + sets.count))
    }

    private static func removeUnused<Name, Value: AnyObject>(_ table: inout [Name: Value]) {
        var unused: [Name] = []
        var index = table.values.startIndex
        while index != table.values.endIndex {
            if isKnownUniquelyReferenced(&table.values[index]) { unused.append(table.keys[index]) }
            table.values.formIndex(after: &index)
        }
        for name in unused { table[name] = nil }
    }
}

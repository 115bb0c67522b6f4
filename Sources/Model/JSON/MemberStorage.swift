#if canImport(Glibc)
    import Glibc
#endif

/// The members of a large object and where each stands.
@usableFromInline
final class IndexedMembers: @unchecked Sendable {
    // Reason: changed only by an owner that has checked that it is the only one.
    @usableFromInline var members: [JSONObject.Member]
    var positions: [MemberKey: Int]

    init(_ members: [JSONObject.Member]) {
        self.members = members
        positions = Dictionary(minimumCapacity: members.count)
        reindex(from: 0)
    }

    private init(copying other: IndexedMembers) {
        members = other.members
        positions = other.positions
    }

    func copy() -> IndexedMembers { IndexedMembers(copying: self) }

    func append(_ key: String, _ value: JSONValue) {
        positions[MemberKey(string: key)] = members.count
        members.append(JSONObject.Member(key: key, value: value))
    }

    func remove(at index: Int) {
        positions[MemberKey(string: members[index].key)] = nil
        members.remove(at: index)
        reindex(from: index)
    }

    private func reindex(from start: Int) {
        for index in start..<members.count {
            positions[MemberKey(string: members[index].key)] = index
        }
    }
}

/// A member's name, equal when its bytes are.
struct MemberKey: Hashable {
    let string: String

    static func == (left: MemberKey, right: MemberKey) -> Bool {
        left.string.hasSameBytes(as: right.string)
    }

    func hash(into hasher: inout Hasher) { hasher.combine(string) }
}

extension JSONObject.Storage {
    /// The value at `index`, with `null` left in its place.
    mutating func takeValue(at index: Int) -> JSONValue {
        var taken = JSONValue.null
        withMembers { swap(&$0[index].value, &taken) }
        return taken
    }

    mutating func replace(at index: Int, with value: JSONValue) {
        withMembers { $0[index].value = value }
    }

    mutating func append(_ key: String, _ value: JSONValue) {
        switch self {
        case .small(var members):
            self = .small([])
            members.append(JSONObject.Member(key: key, value: value))
            let isSmall = members.count <= Limits.linearMemberCountMax
            self = isSmall ? .small(members) : .indexed(IndexedMembers(members))
        case .indexed(let indexed):
            self = .small([])
            self = .indexed(indexed.owned { $0.append(key, value) })
        }
    }

    mutating func remove(at index: Int) {
        switch self {
        case .small: withMembers { _ = $0.remove(at: index) }
        case .indexed(let indexed):
            self = .small([])
            self = .indexed(indexed.owned { $0.remove(at: index) })
        }
    }

    /// Changes members in place; their number and names stay, unless the object is small.
    mutating func withMembers(_ body: (inout [JSONObject.Member]) -> Void) {
        switch self {
        case .small(var members):
            self = .small([])
            body(&members)
            self = .small(members)
        case .indexed(let indexed):
            self = .small([])
            self = .indexed(indexed.owned { body(&$0.members) })
        }
    }
}

extension IndexedMembers {
    /// Changes this object, or a copy of it when others refer to it too, and returns which.
    fileprivate consuming func owned(_ change: (IndexedMembers) -> Void) -> IndexedMembers {
        var owner = self
        if !isKnownUniquelyReferenced(&owner) { owner = owner.copy() }
        change(owner)
        return owner
    }
}

extension String {
    /// Equality of the UTF-8, which is stricter than Swift's canonical equivalence.
    public func hasSameBytes(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        let same = utf8.withContiguousStorageIfAvailable { first in
            other.utf8.withContiguousStorageIfAvailable { second in
                first.isEmpty || memcmp(first.baseAddress!, second.baseAddress!, first.count) == 0
            }
        }
        return (same ?? nil) ?? utf8.elementsEqual(other.utf8)
    }

    /// The order of the UTF-8: negative when this comes first, positive when `other` does, zero
    /// when they have the same bytes.
    public func byteOrder(against other: String) -> Int {
        let order = utf8.withContiguousStorageIfAvailable { first in
            other.utf8.withContiguousStorageIfAvailable { second -> Int in
                let shared = min(first.count, second.count)
                let order =
                    shared == 0 ? 0 : memcmp(first.baseAddress!, second.baseAddress!, shared)
                return order == 0 ? first.count - second.count : Int(order)
            }
        }
        if let order = order ?? nil { return order }
        if utf8.elementsEqual(other.utf8) { return 0 }
        return utf8.lexicographicallyPrecedes(other.utf8) ? -1 : 1
    }
}

/// The members of a JSON object, in the order in which they were written or added.
/// A small object is searched from front to back; a large one keeps an index.
public struct JSONObject: Sendable {
    public typealias Element = (key: String, value: JSONValue)

    /// A name and its value; what the object stores.
    public struct Member: Sendable {
        public let key: String
        public var value: JSONValue

        @inlinable
        public init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    @usableFromInline
    enum Storage: Sendable {
        case small([Member])
        case indexed(IndexedMembers)
    }

    @usableFromInline var storage: Storage

    public init() { storage = .small([]) }

    /// An empty object with room for `count` members.
    public init(reserving count: Int) {
        var members: [Member] = []
        members.reserveCapacity(count)
        storage = .small(members)
    }

    /// The last of several members with one name wins.
    public init(_ members: some Sequence<(String, JSONValue)>) {
        self.init()
        for (key, value) in members { self[key] = value }
    }

    /// - Precondition: no two of `members` have the same key.
    public init(unique members: consuming [Member]) {
        if members.count <= Limits.linearMemberCountMax {
            storage = .small(members)
        } else {
            storage = .indexed(IndexedMembers(members))
        }
    }

    /// The members in order; the fastest way to walk through them.
    @inlinable
    public var members: [Member] {
        switch storage {
        case .small(let members): members
        case .indexed(let indexed): indexed.members
        }
    }

    func index(of key: String) -> Int? {
        switch storage {
        case .small(let members):
            for index in members.indices where members[index].key.hasSameBytes(as: key) {
                return index
            }
            return nil
        case .indexed(let indexed):
            return indexed.positions[MemberKey(string: key)]
        }
    }

    public func contains(_ key: String) -> Bool { index(of: key) != nil }

    /// The member called `key`. Setting a new one adds it last; setting an existing one keeps its
    /// place; setting `nil` removes it.
    public subscript(key: String) -> JSONValue? {
        get {
            guard let index = index(of: key) else { return nil }
            return self[index].value
        }
        _modify {
            // The value is taken out while it is changed, so that it has one owner.
            let index = index(of: key)
            var value = index.map { storage.takeValue(at: $0) }
            defer { put(value, at: index, for: key) }
            yield &value
        }
    }

    private mutating func put(_ value: JSONValue?, at index: Int?, for key: String) {
        switch (index, value) {
        case (let index?, let value?): storage.replace(at: index, with: value)
        case (let index?, nil): storage.remove(at: index)
        case (nil, let value?): storage.append(key, value)
        case (nil, nil): break
        }
    }

    @discardableResult
    public mutating func removeValue(forKey key: String) -> JSONValue? {
        guard let index = index(of: key) else { return nil }
        let value = storage.takeValue(at: index)
        storage.remove(at: index)
        return value
    }

    /// Removes every member that `shouldRemove` holds for, in one pass.
    public mutating func removeAll(where shouldRemove: (Element) throws -> Bool) rethrows {
        var kept = members
        try kept.removeAll { try shouldRemove(($0.key, $0.value)) }
        if kept.count != count { self = JSONObject(unique: kept) }
    }

    /// Puts a member before all others; one of that name is removed from its old place.
    public mutating func insertFirst(_ key: String, _ value: JSONValue) {
        var members = members
        if let index = index(of: key) { members.remove(at: index) }
        members.insert(Member(key: key, value: value), at: 0)
        self = JSONObject(unique: members)
    }

    /// Adds a member last, without a search.
    /// - Precondition: there is no member called `key`.
    mutating func append(unique key: String, _ value: JSONValue) { storage.append(key, value) }
}

extension JSONObject: RandomAccessCollection {
    @inlinable public var startIndex: Int { 0 }
    @inlinable public var endIndex: Int { members.count }

    @inlinable
    public subscript(index: Int) -> Element {
        let member = members[index]
        return (member.key, member.value)
    }

    public struct Iterator: IteratorProtocol {
        @usableFromInline let members: [Member]
        @usableFromInline var index = 0

        @inlinable
        init(members: [Member]) { self.members = members }

        @inlinable
        public mutating func next() -> Element? {
            guard index < members.count else { return nil }
            defer { index += 1 }
            return (members[index].key, members[index].value)
        }
    }

    @inlinable
    public func makeIterator() -> Iterator { Iterator(members: members) }

    /// The names of the members, in order.
    @inlinable
    public var keys: LazyMapSequence<[Member], String> { members.lazy.map(\.key) }
}

extension JSONObject: Hashable {
    /// The order of the members does not count.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        let members = left.members
        let others = right.members
        guard members.count == others.count else { return false }
        for index in members.indices {
            // Most equal objects are also in the same order.
            if members[index].key.hasSameBytes(as: others[index].key) {
                guard members[index].value == others[index].value else { return false }
            } else {
                guard right[members[index].key] == members[index].value else { return false }
            }
        }
        return true
    }

    public func hash(into hasher: inout Hasher) {
        var combined = 0
        for (key, value) in self {
            var member = Hasher()
            member.combine(key)
            member.combine(value)
            combined ^= member.finalize()
        }
        hasher.combine(combined)
    }
}

extension JSONObject: CustomStringConvertible {
    /// The compact JSON text.
    public var description: String { JSONValue.object(self).description }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// The last of several members with one name wins.
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}

import Buffers

/// What the cache has to know of a resource. It knows bytes and keys, not kinds.
public struct ResourceDescription: Sendable {
    /// The resource's name and the first two segments of each of its keys, such as `core/pods` in
    /// `core/pods/<namespace>/<name>` and `core/nodes` in `core/nodes/<name>`.
    public let name: String
    public let isNamespaced: Bool
    /// How every stored value begins: `{"kind":"Pod","apiVersion":"v1",`.
    public let objectPrefix: Bytes
    /// How a stored value may begin as well, when the objects have been stored in other versions.
    /// They are shown like the others.
    public var otherPrefixes: [Bytes] = []
    /// The selectable fields besides `metadata.name` and `metadata.namespace`, which are in the
    /// key.
    public let fieldNames: [String]
    /// What selectors look at, read from a stored value once, when it is applied. The fields come
    /// in the order of `fieldNames`.
    public let readFields: @Sendable (Bytes) -> ObjectFields

    public init(
        name: String, isNamespaced: Bool, objectPrefix: Bytes, fieldNames: [String] = [],
        readFields: @escaping @Sendable (Bytes) -> ObjectFields
    ) {
        precondition(name.utf8.count { $0 == UInt8(ascii: "/") } == 1, "\(name): two segments")
        self.name = name
        self.isNamespaced = isNamespaced
        self.objectPrefix = objectPrefix
        self.fieldNames = fieldNames
        self.readFields = readFields
    }

    /// Where `name` stands in `fieldNames`.
    public func field(named name: String) -> Int? { fieldNames.firstIndex(of: name) }
}

/// What selectors and preconditions look at in an object.
public struct ObjectFields: Sendable {
    enum Labels: Sendable {
        case read([(name: String, value: String)])
        /// Read only when no other object had them written in the same way.
        case written(Bytes, read: @Sendable (Bytes) -> [(name: String, value: String)])
    }

    /// Best a slice of the value, where it need not be looked for then.
    let uid: Bytes
    let labels: Labels
    /// The values of the resource's selectable fields; one that the object lacks is empty.
    let fields: [String]

    public init(uid: String, labels: [(name: String, value: String)], fields: [String]) {
        self.uid = Bytes(uid)
        self.labels = .read(labels)
        self.fields = fields
    }

    /// - Parameters:
    ///   - labelBytes: how the value writes the labels; empty when it has none. Many objects have
    ///     the same.
    ///   - readLabels: what is written there.
    public init(
        uid: Bytes, labelBytes: Bytes,
        readLabels: @escaping @Sendable (Bytes) -> [(name: String, value: String)],
        fields: [String]
    ) {
        self.uid = uid
        labels = labelBytes.isEmpty ? .read([]) : .written(labelBytes, read: readLabels)
        self.fields = fields
    }
}

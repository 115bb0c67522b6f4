import Buffers

/// What the cache has to know of a resource. It knows bytes and keys, not kinds.
public struct ResourceDescription: Sendable {
    /// The resource's name and the first two segments of each of its keys, such as `core/pods` in
    /// `core/pods/<namespace>/<name>` and `core/nodes` in `core/nodes/<name>`.
    public let name: String
    public let isNamespaced: Bool
    /// How every stored value begins: `{"kind":"Pod","apiVersion":"v1",`.
    public let objectPrefix: Bytes
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
    public var uid: String
    public var labels: [(name: String, value: String)]
    /// The values of the resource's selectable fields; one that the object lacks is empty.
    public var fields: [String]

    public init(uid: String, labels: [(name: String, value: String)], fields: [String]) {
        self.uid = uid
        self.labels = labels
        self.fields = fields
    }
}

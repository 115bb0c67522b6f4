// Kinds that are answered where they are created, and not kept.

import APIModel
import JSON

/// The creation of an object that is not kept.
public struct VirtualRequest: Sendable {
    public let user: User
    /// The namespace and, of a subresource, the name that the path gives; empty when it does not.
    public let namespace: String
    public let name: String
    /// The object, checked against its schema, with defaults.
    public let object: JSONValue

    public init(user: User, namespace: String, name: String = "", object: JSONValue) {
        self.user = user
        self.namespace = namespace
        self.name = name
        self.object = object
    }
}

/// Answers the creation of objects of one kind.
public protocol VirtualHandler: Sendable {
    /// The object with its answer, as the client gets it with 201.
    /// - Throws: the refusal.
    func answer(_ request: VirtualRequest) async throws(APIStatus) -> JSONValue
}

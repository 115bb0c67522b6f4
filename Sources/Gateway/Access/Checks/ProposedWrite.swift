// A write that somebody wants to make, as checks see it.

import APIModel
import JSON

/// A write before it is validated and committed: defaults are filled in, and what the server owns
/// may be missing.
public struct ProposedWrite: Sendable {
    public enum Operation: String, Hashable, Sendable { case create, update, delete }

    public let user: User
    public let operation: Operation
    public let resource: GroupResource
    /// Empty when the object itself is written.
    public let subresource: String
    /// Empty for cluster-scoped resources.
    public let namespace: String
    /// Empty for a creation that lets the server choose.
    public let name: String
    /// The object that would be stored; of a deletion, and of what a subresource takes that is no
    /// object, `null`.
    public var object = JSONValue.null
    /// The object that is there, or `null`.
    public var old = JSONValue.null

    public init(_ operation: Operation, by user: User, at place: ObjectPlace) {
        self.operation = operation
        self.user = user
        resource = place.resource
        subresource = place.subresource
        namespace = place.namespace
        name = place.name
    }

    /// 403 because of `problem`.
    public func refused(_ problem: String) -> APIStatus {
        .forbidden(resource, name, problem: problem)
    }
}

/// Where an object is.
public struct ObjectPlace: Hashable, Sendable {
    public var resource: GroupResource
    public var subresource: String
    public var namespace: String
    public var name: String

    public init(
        _ resource: GroupResource, subresource: String = "", namespace: String = "",
        name: String = ""
    ) {
        self.resource = resource
        self.subresource = subresource
        self.namespace = namespace
        self.name = name
    }
}

/// Looks at a write beyond what authorization by verb and resource can say. It never waits.
public protocol WriteCheck: Sendable {
    /// - Throws: the refusal.
    func check(_ write: ProposedWrite) throws(APIStatus)
}

import APIModel
import Access
import Buffers
import JSON
import Ownership
import Resources
import Schema

/// A request to change something, as its handler sees it.
struct WriteRequest: Sendable {
    let target: WriteTarget
    let options: WriteOptions
    let body: RequestBody
    private(set) var context: StrategyContext
    /// The name under which the fields that it writes are owned.
    let manager: String
    /// Who wants it.
    private(set) var user = User.loopback

    /// The same request by `user`.
    func made(by user: User) -> WriteRequest {
        var request = self
        request.user = user
        request.context.sender = Sender(
            name: user.name.string, uid: user.uid, groups: user.groups.strings, extra: user.extra)
        return request
    }

    /// The same request for another place.
    func retargeted(to target: WriteTarget) -> WriteRequest {
        WriteRequest(
            target: target, options: options, body: body, context: context, manager: manager,
            user: user)
    }

    /// Who owns the fields that it writes.
    func attribution(_ operation: FieldOwner.Operation) -> FieldAttribution {
        let resource = target.endpoint.resource
        let owner = FieldOwner(
            manager, operation, apiVersion: resource.definition.groupVersion.description,
            subresource: target.subresource ?? "")
        return FieldAttribution(
            resource.schema, resource.scope(ofWritesTo: target.subresource), owner: owner,
            now: context.now)
    }

    /// The change as checks see it.
    func proposal(_ operation: ProposedWrite.Operation, name: String? = nil) -> ProposedWrite {
        ProposedWrite(
            operation, by: user,
            at: ObjectPlace(
                target.resource, subresource: target.subresource ?? "",
                namespace: target.namespace ?? "", name: name ?? target.name ?? ""))
    }
}

/// Where the change is to be made.
struct WriteTarget: Sendable {
    let endpoint: ResourceEndpoint
    let namespace: String?
    let name: String?
    let subresource: String?

    var resource: GroupResource { endpoint.qualifiedResource }
}

/// The body of a request and what the client says it is.
struct RequestBody: Sendable {
    let bytes: Bytes
    let contentType: Bytes?
}

/// What a write left behind.
struct WriteOutcome: Sendable {
    enum Content: Sendable {
        /// The object, as it is now or would be.
        case object(Bytes, endpoint: ResourceEndpoint)
        /// Some other document, such as a `Scale`.
        case document(Bytes)
        case status(APIStatus)
    }

    let httpStatus: Int
    let content: Content
    /// Told in `Warning` headers.
    var warnings: [String] = []
}

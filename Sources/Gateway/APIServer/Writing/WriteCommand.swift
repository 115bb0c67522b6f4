import APIModel
import Access
import Buffers
import HTTPServer
import HTTPWire
import Ownership
import Resources
import Schema
import WatchCache

/// A write, with all that its verb needs to know, independent of the connection it came by.
struct WriteCommand: Sendable {
    enum Action: Sendable {
        case create, update, patch, apply
        case bind, evict, scale, patchScale, applyScale, finalize
        /// The creation of what is not kept, such as a token.
        case answer(GroupVersionKind)
        case delete(DeleteOptions)
        case deleteCollection(DeleteOptions, Filter)

        /// Whether it is for all objects that there are, and not for one that is named.
        var concernsMany: Bool { if case .deleteCollection = self { true } else { false } }

        /// The same for a patch that is a configuration to apply.
        fileprivate var applying: Action {
            if case .patchScale = self { .applyScale } else { .apply }
        }
    }

    let action: Action
    private(set) var request: WriteRequest
    let acceptance: Acceptance

    init(
        _ verb: RequestVerb, _ target: ResourceTarget, _ http: Request,
        _ context: StrategyContext
    ) throws(APIStatus) {
        guard let acceptance = Acceptance(http.head.headers.first("accept")) else {
            throw .notAcceptable
        }
        self.acceptance = acceptance
        let query = try QueryItems(parsing: http.head.query)
        let body = RequestBody(
            bytes: http.body, contentType: http.head.headers.first("content-type"))
        // Before the options: which ones may be there depends on the type.
        let isApply = verb == .patch ? try Patch.isApply(body) : false
        let options = try Self.options(verb, query, isApply: isApply)
        request = WriteRequest(
            target: WriteTarget(
                endpoint: target.endpoint, namespace: target.namespace?.description,
                name: target.name?.description, subresource: target.subresource?.description),
            options: options, body: body, context: context,
            manager: Self.manager(options, http.head.headers.first("user-agent")))
        let patched = try Self.action(verb, target, query, body)
        action = isApply ? patched.applying : patched
    }

    /// The same by `user`.
    func made(by user: User) -> WriteCommand {
        var command = self
        command.request = request.made(by: user)
        return command
    }

    /// The name that the client gave, or its program's.
    private static func manager(_ options: WriteOptions, _ userAgent: Bytes?) -> String {
        guard options.fieldManager.isEmpty else { return options.fieldManager }
        return FieldOwner.name(
            ofUserAgent: userAgent.map(String.init) ?? "",
            byteCountMax: Limits.managerNameByteCountMax)
    }

    private static func options(
        _ verb: RequestVerb, _ query: QueryItems, isApply: Bool
    ) throws(APIStatus) -> WriteOptions {
        switch verb {
        case .create: return try WriteOptions(query, for: .create)
        case .update: return try WriteOptions(query, for: .update)
        case .patch: return try WriteOptions(query, for: isApply ? .apply : .patch)
        default: return WriteOptions()
        }
    }

    private static func action(
        _ verb: RequestVerb, _ target: ResourceTarget, _ query: QueryItems, _ body: RequestBody
    ) throws(APIStatus) -> Action {
        switch (verb, target.subresource?.description) {
        case (.create, "binding"): return .bind
        case (.create, "eviction"): return .evict
        case (.update, "scale"): return .scale
        case (.patch, "scale"): return .patchScale
        case (.update, "finalize"): return .finalize
        case (.create, let name?):
            let subresource = target.endpoint.definition.subresource(name)
            guard let kind = subresource?.groupVersionKind else { throw .methodNotAllowed }
            return .answer(kind)
        case (.create, nil): return .create
        case (.update, _): return .update
        case (.patch, _): return .patch
        case (.delete, _): return .delete(try DeletionBody.options(body, query, target))
        case (.deletecollection, _):
            let options = try DeletionBody.options(body, query, target)
            let filter = try FilterCompiler(target).filter(try ListOptions(query))
            return .deleteCollection(options, filter)
        default: throw .methodNotAllowed
        }
    }
}

/// The options of a deletion, from the body when there is one, and from the query.
private enum DeletionBody {
    static func options(
        _ body: RequestBody, _ query: QueryItems, _ target: ResourceTarget
    ) throws(APIStatus) -> DeleteOptions {
        guard !body.bytes.isEmpty else { return try DeleteOptions(query: query, body: nil) }
        let decoded = try BodyDecoder.decode(body, as: .deleteOptions, target.endpoint.schemas)
        return try DeleteOptions(query: query, body: decoded.value)
    }
}

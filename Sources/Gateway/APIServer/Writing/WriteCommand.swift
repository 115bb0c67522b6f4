import APIModel
import Buffers
import HTTPServer
import HTTPWire
import Resources
import WatchCache

/// A write, with all that its verb needs to know, independent of the connection it came by.
struct WriteCommand: Sendable {
    enum Action: Sendable {
        case create, update, patch
        case bind, scale, patchScale, finalize
        case delete(DeleteOptions)
        case deleteCollection(DeleteOptions, Filter)
    }

    let action: Action
    let request: WriteRequest
    let acceptance: Acceptance

    init(
        _ verb: RequestVerb, _ target: ResourceTarget, _ http: Request,
        random: @escaping @Sendable (Range<UInt32>) -> UInt32
    ) throws(APIStatus) {
        guard let acceptance = Acceptance(http.head.headers.first("accept")) else {
            throw .notAcceptable(["application/json", "application/yaml"])
        }
        self.acceptance = acceptance
        let query = try QueryItems(http.head.query)
        let body = RequestBody(
            bytes: http.body, contentType: http.head.headers.first("content-type"))
        request = WriteRequest(
            target: WriteTarget(
                endpoint: target.endpoint, namespace: target.namespace?.description,
                name: target.name?.description, subresource: target.subresource?.description),
            options: try WriteOptions(query, verb),
            body: body,
            context: StrategyContext(now: Timestamp.now(), random: random))
        action = try Self.action(verb, target, query, body)
    }

    private static func action(
        _ verb: RequestVerb, _ target: ResourceTarget, _ query: QueryItems, _ body: RequestBody
    ) throws(APIStatus) -> Action {
        switch (verb, target.subresource?.description) {
        case (.create, "binding"): return .bind
        case (.update, "scale"): return .scale
        case (.patch, "scale"): return .patchScale
        case (.update, "finalize"): return .finalize
        case (.create, _): return .create
        case (.update, _): return .update
        case (.patch, _): return .patch
        case (.delete, _): return .delete(try DeletionBody.options(body, query))
        case (.deletecollection, _):
            let options = try DeletionBody.options(body, query)
            let filter = try FilterCompiler(target).filter(try ListOptions(query))
            return .deleteCollection(options, filter)
        default: throw .methodNotSupported
        }
    }
}

/// The options of a deletion, from the body when there is one, and from the query.
private enum DeletionBody {
    static func options(
        _ body: RequestBody, _ query: QueryItems
    ) throws(APIStatus) -> DeleteOptions {
        guard !body.bytes.isEmpty else { return try DeleteOptions(query) }
        let decoded = try BodyDecoder.decode(body, as: "DeleteOptions")
        return try DeleteOptions(decoded.value, query)
    }
}

// POST of an object that is not kept.

import APIModel
import Access
import Admission
import Buffers
import HTTPServer
import HTTPWire
import JSON
import Resources
import Schema

/// A body of a kind that is not kept, read and checked.
struct VirtualObject {
    let value: JSONValue
    let warnings: [String]

    /// - Throws: 400, 415 and 422 for a body that is none of `kind`.
    init(
        _ body: RequestBody, _ kind: GroupVersionKind, _ schemas: SchemaRegistry,
        _ fieldValidation: WriteOptions.FieldValidation
    ) throws(APIStatus) {
        guard let schema = schemas.schema(for: kind) else { throw .genericNotFound }
        var intake = ObjectIntake(kind, schema, fieldValidation)
        value = try intake.accept(try BodyDecoder.decode(body, as: kind, schemas))
        warnings = intake.warnings
        let errors = schema.validate(value)
        guard errors.isEmpty else {
            throw .invalid(kind.groupKind, value.metadataName ?? "", errors)
        }
    }
}

/// A request to a resource whose objects are not kept.
struct VirtualCreation: Sendable {
    private let endpoint: VirtualEndpoint
    private let namespace: String?
    private let user: User
    private let body: RequestBody
    private let options: WriteOptions
    private let acceptance: Acceptance

    /// What the client is told. Every refusal is a `Status`.
    static func answer(_ target: VirtualTarget, _ http: Request, _ user: User) async -> Answer {
        do {
            return try await VirtualCreation(target, http, user).answer()
        } catch {
            return Answer(error)
        }
    }

    /// - Throws: 404 for a path that names an object, 405 for any other method than POST, 406 for
    ///   what cannot be produced.
    private init(_ target: VirtualTarget, _ http: Request, _ user: User) throws(APIStatus) {
        guard target.subresource == nil else { throw .genericNotFound }
        guard http.head.method == .post, target.name == nil else { throw .methodNotAllowed }
        guard let acceptance = Acceptance(http.head.headers.first("accept")) else {
            throw .notAcceptable
        }
        endpoint = target.endpoint
        namespace = target.namespace?.description
        self.user = user
        self.acceptance = acceptance
        options = try WriteOptions(try QueryItems(parsing: http.head.query), for: .create)
        body = RequestBody(
            bytes: http.body, contentType: http.head.headers.first("content-type"))
    }

    private func answer() async throws(APIStatus) -> Answer {
        let definition = endpoint.definition
        if definition.isNamespaced, namespace == nil { throw .methodNotAllowed }
        let object = try VirtualObject(
            body, definition.groupVersionKind, endpoint.resource.schema.registry,
            options.fieldValidation)
        let reply = try await endpoint.handler.answer(
            VirtualRequest(user: user, namespace: namespace ?? "", object: object.value))
        var answer = try Representation.document(reply.bytes, acceptance)
        answer.status = 201
        answer.warnings = object.warnings
        return answer
    }
}

/// A request to a subresource that takes an object which is not kept, such as a token's request.
struct VirtualAnswer {
    let environment: WriteEnvironment

    /// - Throws: 404 when nobody answers `kind`, and what its handler throws.
    func run(
        _ request: WriteRequest, _ kind: GroupVersionKind
    ) async throws(APIStatus) -> WriteOutcome {
        guard let handler = environment.virtualHandlers[kind.groupKind] else {
            throw .genericNotFound
        }
        let target = request.target
        let object = try VirtualObject(
            request.body, kind, target.endpoint.schemas, request.options.fieldValidation)
        var proposal = request.proposal(.create)
        proposal.object = object.value
        try environment.check(proposal)
        var value = object.value
        let write = AdmittedWrite(environment: environment, request: request, operation: .create)
        _ = try await write.mutate(&value)
        try await write.judge(value)
        let reply = try await handler.answer(
            VirtualRequest(
                user: request.user, namespace: target.namespace ?? "", name: target.name ?? "",
                object: value))
        return WriteOutcome(
            httpStatus: 201, content: .document(reply.bytes), warnings: object.warnings)
    }
}

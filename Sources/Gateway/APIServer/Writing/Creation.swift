// POST: a new object.

import APIModel
import Access
import Admission
import Buffers
import JSON
import Resources
import Schema
import Storage
import WatchCache

struct Creation {
    let environment: WriteEnvironment

    /// - Throws: 400 and 422 for a bad object, 404 and 403 for its namespace, 409 for a name that
    ///   is taken.
    func run(_ request: WriteRequest) async throws(APIStatus) -> WriteOutcome {
        let endpoint = request.target.endpoint
        var intake = ObjectIntake(endpoint, request.options.fieldValidation)
        let body = try BodyDecoder.decode(
            request.body, as: endpoint.definition.groupVersionKind, endpoint.schemas)
        let object = try intake.accept(body)
        return try await create(object, request, warnings: intake.warnings)
    }

    /// Creates an object that has passed intake.
    /// - Parameter ownership: who owns its fields.
    func create(
        _ accepted: JSONValue, _ request: WriteRequest, warnings: [String],
        ownership: FieldOwnership = .written
    ) async throws(APIStatus) -> WriteOutcome {
        try await DefaultAccount(environment: environment).prepare(for: request, accepted)
        let isGenerated = accepted.metadataName == nil
        let managedFields = ownership.managedFields(of: accepted, replacing: nil, request)
        var lastConflict: APIStatus?
        // Who may change it is asked once for each name.
        var wanted: WantedObject?
        for _ in 0..<Limits.retryCountMax {
            let present: WantedObject
            if let wanted { present = wanted } else { present = try await admit(accepted, request) }
            wanted = present
            var object = present.object
            try settle(&object, request)
            try await present.write.judge(object)
            let owned = OwnedObject(value: object, managedFields: managedFields)
            switch try await commit(owned, sent: present.sent, request) {
            case .done(let content):
                return WriteOutcome(httpStatus: 201, content: content, warnings: warnings)
            case .taken(let refusal):
                guard isGenerated else { throw refusal }
                lastConflict = refusal
                wanted = nil
            case .again: break
            }
        }
        throw lastConflict ?? .tooManyConflicts(request.target.resource)
    }

    /// An object as it is to be created.
    private struct WantedObject {
        let object: JSONValue
        /// Without what the server has given it, unless webhooks have changed it.
        let sent: JSONValue
        let write: AdmittedWrite
    }

    /// Gives the object its metadata, and lets plugins and webhooks change it.
    private func admit(
        _ accepted: JSONValue, _ request: WriteRequest
    ) async throws(APIStatus) -> WantedObject {
        var object = accepted
        var proposal = request.proposal(.create, name: object.metadataName ?? "")
        proposal.object = object
        try environment.check(proposal)
        try NewMetadata(request: request).apply(to: &object)
        let name = object.metadataName ?? ""
        try environment.admission.admit(&object, at: request.target.resource) {
            request.proposal(.create, name: name)
        }
        object.setMetadata("managedFields", nil)
        let write = AdmittedWrite(environment: environment, request: request, operation: .create)
        guard try await write.mutate(&object) else {
            return WantedObject(object: object, sent: accepted, write: write)
        }
        let sent = object
        try NewMetadata(request: request).apply(to: &object)
        return WantedObject(object: object, sent: sent, write: write)
    }

    /// Puts in what the kind wants, and validates.
    private func settle(
        _ object: inout JSONValue, _ request: WriteRequest
    ) throws(APIStatus) {
        let resource = request.target.endpoint.resource
        resource.strategy.prepareForCreate(&object, request.context)
        let name = object.metadataName ?? ""
        var errors = resource.definition.metadataRules.errorsForCreate(ObjectMeta(of: object))
        errors += resource.schema.validate(object)
        errors += resource.strategy.validate(object)
        errors += resource.strategy.validateCreate(object)
        guard errors.isEmpty else { throw .invalid(resource.definition.groupKind, name, errors) }
        try environment.admission.validate(object, at: request.target.resource) {
            request.proposal(.create, name: name)
        }
    }

    private enum Attempt {
        case done(WriteOutcome.Content)
        /// The name, or something that the object claims, is taken.
        case taken(APIStatus)
        /// Something that was read from the cache has changed meanwhile; it shows the change now.
        case again
    }

    private func commit(
        _ owned: OwnedObject, sent: JSONValue, _ request: WriteRequest
    ) async throws(APIStatus) -> Attempt {
        let target = request.target
        let endpoint = target.endpoint
        // Before it is the request's turn: who is asked for this may write there, too.
        let stored = try await environment.stored(owned, endpoint)
        let turn = await environment.quotas?.turn(at: target)
        defer { turn?.end() }
        let name = owned.value.metadataName ?? ""
        let key = Key(
            endpoint.key(namespace: target.namespace.map { Bytes($0) }, name: Bytes(name)))
        let claims = ClaimChange(
            from: [], to: endpoint.resource.strategy.claims(of: owned.value, sent: sent))
        let namespace = try NamespaceGuard(environment: environment).condition(
            for: target, name: name)
        let definition = try DefinitionGuard(environment: environment).condition(for: endpoint)
        let charge = try await environment.charge(owned.value, request)
        if request.options.isDryRun { return try rehearse(owned, key, target) }
        var transaction = Transaction(
            comparisons: [.absent(key)] + [namespace, definition].compactMap { $0 },
            operations: [.put(key, stored)])
        claims.add(to: &transaction, owner: key)
        charge.add(to: &transaction)
        switch try await environment.commit(transaction) {
        case .committed(let revision):
            let bytes = await environment.represent(owned, at: revision, key: key, endpoint)
            return .done(.object(bytes, endpoint: endpoint))
        case .conflict(.absent(key), _):
            return .taken(.alreadyExists(target.resource, name))
        case .conflict(let comparison, _):
            try refuse(comparison, of: claims, target, name)
            try await environment.catchUp()
            return .again
        }
    }

    /// What a creation would have come to.
    private func rehearse(
        _ owned: OwnedObject, _ key: Key, _ target: WriteTarget
    ) throws(APIStatus) -> Attempt {
        let endpoint = target.endpoint
        guard endpoint.kept.snapshot().object(key) == nil else {
            throw .alreadyExists(target.resource, owned.value.metadataName ?? "")
        }
        let bytes = StoredForm(endpoint: endpoint).represent(owned)
        return .done(.object(bytes, endpoint: endpoint))
    }

    /// - Throws: 422 when the comparison that failed is about what the object claims.
    private func refuse(
        _ comparison: Comparison, of claims: ClaimChange, _ target: WriteTarget, _ name: String
    ) throws(APIStatus) {
        guard let refusal = claims.refusal(for: comparison) else { return }
        throw .invalid(target.endpoint.definition.groupKind, name, [refusal])
    }
}

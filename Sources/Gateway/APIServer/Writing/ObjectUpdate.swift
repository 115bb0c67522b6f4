// PUT and PATCH: read, change, commit; again when another write came between.

import APIModel
import Access
import Admission
import Buffers
import JSON
import Resources
import Schema
import Storage

/// Changes an object that is there.
struct ObjectUpdate {
    /// What a request makes of the present object: the changed one, having passed intake.
    typealias Change = @Sendable (CurrentObject) throws(APIStatus) -> (JSONValue, [String])

    let environment: WriteEnvironment
    let request: WriteRequest
    /// Who owns the fields then.
    var ownership = FieldOwnership.written
    /// How webhooks and policies are shown the object; they are not asked about what is no request
    /// of its own.
    var view = AdmittedView.object
    let change: Change

    /// What webhooks and policies see of an update.
    enum AdmittedView: Sendable {
        case object, nothing
        case scale(ScaleView)
    }

    private var target: WriteTarget { request.target }
    private var endpoint: ResourceEndpoint { target.endpoint }

    /// - Throws: 404 when there is no such object, 409 when it is not what the client took it for,
    ///   400 and 422 for a bad object.
    func run() async throws(APIStatus) -> WriteOutcome {
        let key = objectKey
        var seen: CurrentObject?
        for _ in 0..<Limits.retryCountMax {
            var current = seen
            if current == nil { current = try await environment.latest(key, endpoint) }
            guard let current else { throw .notFound(target.resource, target.name ?? "") }
            switch try await attempt(current) {
            case .done(let outcome): return outcome
            case .overtaken(let newer): seen = newer
            }
        }
        throw .tooManyConflicts(target.resource)
    }

    private enum Attempt {
        case done(WriteOutcome)
        /// Another write came first; what it left, if the conflict showed it.
        case overtaken(CurrentObject?)
    }

    private func attempt(_ current: CurrentObject) async throws(APIStatus) -> Attempt {
        var (object, warnings) = try change(current)
        let managedFields = ownership.managedFields(of: object, replacing: current, request)
        object.setMetadata("managedFields", nil)
        let sent = object
        try checkVersion(of: object, against: current)
        try checkAccess(to: object, from: current)
        try await settle(&object, from: current)
        let owned = OwnedObject(value: object, managedFields: managedFields)
        let isRemoval = endsNow(object)
        let isChanged = object != current.value || managedFields != current.managedFields
        let charge = try await environment.charge(object, from: current.value, request)
        if !isRemoval, !isChanged {
            if !request.options.isDryRun, try await !environment.isCurrent(current) {
                throw .outdated(target.resource)
            }
            return .done(outcome(owned, warnings))
        }
        // A rehearsal asks as well: whether the object can be stored is what it is to find out.
        let bytes = isRemoval ? nil : try await environment.stored(owned, endpoint)
        if request.options.isDryRun { return .done(outcome(owned, warnings)) }
        let claims = claims(isRemoval ? nil : object, sent: sent, current)
        let result = try await commit(bytes, from: current, claims, charge)
        switch result {
        case .committed where isRemoval: return .done(outcome(owned, warnings))
        case .committed(let revision):
            let bytes = await environment.represent(owned, at: revision, key: current.key, endpoint)
            let content = WriteOutcome.Content.object(bytes, endpoint: endpoint)
            return .done(WriteOutcome(httpStatus: 200, content: content, warnings: warnings))
        case .conflict(let comparison, _):
            // A client that named a version is refused at the next attempt, and a patch, which
            // has the version of whatever it is applied to, goes on.
            if comparison.key == current.key {
                return .overtaken(try await environment.current(result, endpoint))
            }
            try await catchUp(with: comparison, of: claims)
            return .overtaken(current)
        }
    }

    /// Waits for what another object's change has done.
    /// - Throws: 422 when the comparison that failed is about what the object claims.
    private func catchUp(
        with comparison: Comparison, of claims: ClaimChange
    ) async throws(APIStatus) {
        if let refusal = claims.refusal(for: comparison) {
            throw .invalid(endpoint.definition.groupKind, target.name ?? "", [refusal])
        }
        try await environment.catchUp()
    }

    private var objectKey: Key {
        Key(
            endpoint.key(
                namespace: target.namespace.map { Bytes($0) }, name: Bytes(target.name ?? "")))
    }

    private func outcome(_ object: OwnedObject, _ warnings: [String]) -> WriteOutcome {
        WriteOutcome(
            httpStatus: 200,
            content: .object(
                StoredForm(endpoint: endpoint).represent(object), endpoint: endpoint),
            warnings: warnings)
    }

    private func checkVersion(
        of object: JSONValue, against current: CurrentObject
    ) throws(APIStatus) {
        if let uid = object[path: "metadata", "uid"]?.string, !uid.isEmpty,
            let present = current.value[path: "metadata", "uid"]?.string, uid != present
        {
            throw .uidMismatch(
                target.resource, target.name ?? "", key: current.key.description,
                uids: (sent: uid, stored: present))
        }
        let version = object[path: "metadata", "resourceVersion"]?.string ?? ""
        guard !version.isEmpty, version != "0" else {
            guard endpoint.resource.strategy.allowsUnconditionalUpdate else {
                throw .invalid(
                    endpoint.definition.groupKind, target.name ?? "",
                    [ObjectMetaRules.resourceVersionRequired])
            }
            return
        }
        guard version == current.revision.description else {
            throw .modified(target.resource, target.name ?? "")
        }
    }

    private func checkAccess(
        to object: JSONValue, from current: CurrentObject
    ) throws(APIStatus) {
        var proposal = request.proposal(.update)
        proposal.object = object
        proposal.old = current.value
        try environment.check(proposal)
    }

    /// Puts in what the cluster and the server say, and validates.
    private func settle(
        _ object: inout JSONValue, from current: CurrentObject
    ) async throws(APIStatus) {
        let old = current.value
        try environment.admission.admit(&object, from: old, at: target.resource) {
            request.proposal(.update)
        }
        let write = admittedWrite(from: old)
        _ = try await write?.mutate(&object)
        object.keepMetadata(of: old)
        let errors = errors(&object, from: old)
        guard errors.isEmpty else {
            throw .invalid(endpoint.definition.groupKind, target.name ?? "", errors)
        }
        try environment.admission.validate(object, from: old, at: target.resource) {
            request.proposal(.update)
        }
        try await write?.judge(object)
    }

    /// `nil` when webhooks and policies are not asked.
    private func admittedWrite(from old: JSONValue) -> AdmittedWrite? {
        var write = AdmittedWrite(
            environment: environment, request: request, operation: .update, old: old)
        switch view {
        case .nothing: return nil
        case .object: break
        case .scale(let scale): write.scale = scale
        }
        return write
    }

    private func errors(_ object: inout JSONValue, from old: JSONValue) -> [FieldError] {
        let errors = endpoint.definition.metadataRules.errorsForUpdate(
            ObjectMeta(of: object), from: ObjectMeta(of: old))
        switch target.subresource {
        case "status": return errors + settleStatus(&object, from: old)
        case "finalize": return errors
        case "scale", "binding", nil: return errors + settleWhole(&object, from: old)
        case let part?: return errors + settlePart(part, &object, from: old)
        }
    }

    private func settleStatus(_ object: inout JSONValue, from old: JSONValue) -> [FieldError] {
        let resource = endpoint.resource
        resource.keepAllButStatus(&object, from: old)
        resource.strategy.prepareForStatusUpdate(&object, from: old, request.context)
        return resource.schema.validate(object, from: old)
            + resource.strategy.validateStatusUpdate(object, from: old)
    }

    /// A subresource that shows the whole object and changes a part of it.
    private func settlePart(
        _ name: String, _ object: inout JSONValue, from old: JSONValue
    ) -> [FieldError] {
        let resource = endpoint.resource
        resource.strategy.prepare(&object, forSubresource: name, from: old, request.context)
        resource.raiseGeneration(&object, from: old)
        return resource.schema.validate(object)
            + resource.strategy.validate(object, forSubresource: name, from: old)
    }

    private func settleWhole(_ object: inout JSONValue, from old: JSONValue) -> [FieldError] {
        let resource = endpoint.resource
        // A binding sets a condition, and is no change of what the pod's author asked for.
        let isBinding = target.subresource == "binding"
        if !isBinding { resource.keepStatus(&object, from: old) }
        resource.strategy.prepareForUpdate(&object, from: old, request.context)
        if !isBinding { resource.raiseGeneration(&object, from: old) }
        return resource.schema.validate(object, from: old)
            + resource.strategy.validate(object)
            + resource.schema.validateImmutable(old: old, new: object)
            + resource.strategy.validateUpdate(object, from: old)
    }

    /// Whether the object was waiting for its last finalizer, which this write removes.
    private func endsNow(_ object: JSONValue) -> Bool {
        let meta = ObjectMeta(of: object)
        guard meta.isBeingDeleted, meta.deletionGracePeriodSeconds ?? 0 == 0,
            meta.finalizers.isEmpty
        else { return false }
        return endpoint.resource.strategy.mayEnd(object)
    }

    /// - Parameter object: `nil` when it leaves the store.
    private func claims(
        _ object: JSONValue?, sent: JSONValue, _ current: CurrentObject
    ) -> ClaimChange {
        let strategy = endpoint.resource.strategy
        return ClaimChange(
            from: strategy.claims(of: current.value),
            to: object.map { strategy.claims(of: $0, sent: sent) } ?? [])
    }

    /// - Parameter bytes: what is stored; `nil` when the object leaves the store.
    private func commit(
        _ bytes: Bytes?, from current: CurrentObject, _ claims: ClaimChange, _ charge: QuotaCharge
    ) async throws(APIStatus) -> CommitResult {
        let key = current.key
        let change: Storage.Operation = bytes.map { .put(key, $0) } ?? .delete(key)
        var transaction = Transaction(
            comparisons: [.unchanged(key, since: current.revision)], operations: [change])
        claims.add(to: &transaction, owner: key)
        charge.add(to: &transaction)
        return try await environment.commit(transaction)
    }
}

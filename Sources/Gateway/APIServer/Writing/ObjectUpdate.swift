// PUT and PATCH: read, change, commit; again when another write came between.

import APIModel
import Buffers
import JSON
import Resources
import Storage

/// Changes an object that is there.
struct ObjectUpdate {
    /// What a request makes of the present object: the changed one, having passed intake.
    typealias Change = @Sendable (CurrentObject) throws(APIStatus) -> (JSONValue, [String])

    let environment: WriteEnvironment
    let request: WriteRequest
    let change: Change

    private var target: WriteTarget { request.target }
    private var endpoint: ResourceEndpoint { target.endpoint }

    /// - Throws: 404 when there is no such object, 409 when it is not what the client took it for, 400
    ///   and 422 for a bad object.
    func run() async throws(APIStatus) -> WriteOutcome {
        let key = objectKey
        var seen: CurrentObject?
        for _ in 0..<Limits.retryCountMax {
            let current: CurrentObject
            if let fresh = seen {
                current = fresh
            } else if let cached = try environment.current(key, endpoint) {
                current = cached
            } else {
                throw .notFound(target.resource, name: target.name ?? "")
            }
            var (object, warnings) = try change(current)
            let isConditional = try checkVersion(of: object, against: current)
            try settle(&object, from: current)
            let removal = endsNow(object)
            if !removal, object == current.value || request.options.isDryRun {
                return outcome(object, warnings)
            }
            let result = try await commit(object, from: current, isRemoval: removal)
            switch result {
            case .committed(let revision):
                if removal { return outcome(object, warnings) }
                let bytes = environment.represent(object, at: revision, key: key, endpoint)
                return WriteOutcome(
                    httpStatus: 200, content: .object(bytes, endpoint: endpoint),
                    warnings: warnings)
            case .conflict(let comparison, _):
                if comparison.key != key, let refusal = claims(object, current).refusal(for: comparison) {
                    throw .invalid(
                        endpoint.definition.groupKind, name: target.name ?? "", [refusal])
                }
                if isConditional, comparison.key == key {
                    throw .conflict(target.resource, name: target.name ?? "")
                }
                seen = try environment.current(result, endpoint)
            }
        }
        throw .tooManyConflicts(target.resource)
    }

    private var objectKey: Key {
        Key(
            endpoint.key(
                namespace: target.namespace.map { Bytes($0) }, name: Bytes(target.name ?? "")))
    }

    private func outcome(_ object: JSONValue, _ warnings: [String]) -> WriteOutcome {
        WriteOutcome(
            httpStatus: 200,
            content: .object(
                StoredForm(endpoint: endpoint).represent(object), endpoint: endpoint),
            warnings: warnings)
    }

    /// - Returns: whether the client named the version that it means.
    private func checkVersion(
        of object: JSONValue, against current: CurrentObject
    ) throws(APIStatus) -> Bool {
        if let uid = object[path: "metadata", "uid"]?.string, !uid.isEmpty,
            let present = current.value[path: "metadata", "uid"]?.string, uid != present
        {
            throw .uidPrecondition(target.resource, name: target.name ?? "", uid, present: present)
        }
        let version = object[path: "metadata", "resourceVersion"]?.string ?? ""
        guard !version.isEmpty, version != "0" else {
            guard endpoint.resource.strategy.allowsUnconditionalUpdate else {
                throw .invalid(
                    endpoint.definition.groupKind, name: target.name ?? "",
                    [
                        FieldError.invalid(
                            FieldPath("metadata").child("resourceVersion"), .string("0x0"),
                            "must be specified for an update")
                    ])
            }
            return false
        }
        guard version == current.revision.description else {
            throw .conflict(target.resource, name: target.name ?? "")
        }
        return true
    }

    /// Puts in what the server owns, and validates.
    private func settle(
        _ object: inout JSONValue, from current: CurrentObject
    ) throws(APIStatus) {
        let resource = endpoint.resource
        let old = current.value
        var errors = ObjectMeta.validateUpdate(&object, from: old)
        if target.subresource == "status" {
            resource.keepAllButStatus(&object, from: old)
            resource.strategy.prepareForStatusUpdate(&object, from: old, request.context)
            errors += resource.schema.validate(object)
            errors += resource.strategy.validateStatusUpdate(object, from: old)
        } else {
            resource.keepStatus(&object, from: old)
            resource.strategy.prepareForUpdate(&object, from: old, request.context)
            resource.raiseGeneration(&object, from: old)
            errors += ObjectMeta.validate(
                object, nameFormat: resource.definition.nameFormat,
                isNamespaced: resource.definition.isNamespaced)
            errors += resource.schema.validate(object)
            errors += resource.schema.validateUpdate(object, from: old)
            errors += resource.strategy.validate(object)
            errors += resource.strategy.validateUpdate(object, from: old)
        }
        guard errors.isEmpty else {
            throw .invalid(resource.definition.groupKind, name: target.name ?? "", errors)
        }
    }

    /// Whether the object was waiting for its last finalizer, which this write removes.
    private func endsNow(_ object: JSONValue) -> Bool {
        guard object[path: "metadata", "deletionTimestamp"] != nil,
            (object[path: "metadata", "deletionGracePeriodSeconds"]?.int ?? 0) == 0,
            object[path: "metadata", "finalizers"]?.array?.isEmpty ?? true
        else { return false }
        return endpoint.resource.strategy.mayEnd(object)
    }

    private func claims(_ object: JSONValue, _ current: CurrentObject) -> ClaimChange {
        let strategy = endpoint.resource.strategy
        return ClaimChange(
            from: strategy.claims(of: current.value), to: strategy.claims(of: object))
    }

    private func commit(
        _ object: JSONValue, from current: CurrentObject, isRemoval: Bool
    ) async throws(APIStatus) -> CommitResult {
        let key = current.key
        var transaction = Transaction(
            comparisons: [.unchanged(key, since: current.revision)], operations: [])
        if isRemoval {
            transaction.operations = [.delete(key)]
            ClaimChange(from: endpoint.resource.strategy.claims(of: current.value), to: [])
                .add(to: &transaction, owner: key)
        } else {
            transaction.operations = [.put(key, StoredForm(endpoint: endpoint).encode(object))]
            claims(object, current).add(to: &transaction, owner: key)
        }
        return try await environment.commit(transaction)
    }
}

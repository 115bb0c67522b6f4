// DELETE: one object, at once or in stages.

import APIModel
import Buffers
import JSON
import Resources
import Storage

struct Removal {
    let environment: WriteEnvironment

    /// - Throws: 404 when there is no such object, 409 when a precondition fails.
    func run(_ request: WriteRequest, _ options: DeleteOptions) async throws(APIStatus) -> WriteOutcome {
        let target = request.target
        let endpoint = target.endpoint
        let name = target.name ?? ""
        let key = Key(endpoint.key(namespace: target.namespace.map { Bytes($0) }, name: Bytes(name)))
        var seen: CurrentObject?
        for _ in 0..<Limits.retryCountMax {
            var current = seen
            if current == nil { current = try environment.current(key, endpoint) }
            guard let current else { throw .notFound(target.resource, name: name) }
            try check(options.preconditions, current, target)
            if let refusal = endpoint.resource.strategy.refusalToDelete(current.value) {
                throw .forbidden(target.resource, name: name, refusal)
            }
            let stage = Stage(current.value, endpoint.resource.strategy, options, request.context)
            if request.options.isDryRun || stage == .waiting {
                return outcome(stage, current, target)
            }
            let result = try await commit(stage, current, endpoint)
            switch result {
            case .committed(let revision):
                return outcome(stage, current, target, revision)
            case .conflict(_, let item):
                guard item != nil else { throw .notFound(target.resource, name: name) }
                seen = try environment.current(result, endpoint)
            }
        }
        throw .tooManyConflicts(target.resource)
    }

    private func check(
        _ preconditions: Preconditions?, _ current: CurrentObject, _ target: WriteTarget
    ) throws(APIStatus) {
        guard let preconditions else { return }
        let uid = current.value[path: "metadata", "uid"]?.string ?? ""
        if let expected = preconditions.uid, expected != uid {
            throw .preconditionFailed(
                kind: target.endpoint.definition.kind, name: target.name ?? "",
                member: "UID", expected: expected, found: uid)
        }
        if let expected = preconditions.resourceVersion,
            expected != current.revision.description
        {
            throw .preconditionFailed(
                kind: target.endpoint.definition.kind, name: target.name ?? "",
                member: "ResourceVersion", expected: expected,
                found: current.revision.description)
        }
    }

    private func commit(
        _ stage: Stage, _ current: CurrentObject, _ endpoint: ResourceEndpoint
    ) async throws(APIStatus) -> CommitResult {
        var transaction = Transaction(
            comparisons: [.unchanged(current.key, since: current.revision)], operations: [])
        switch stage {
        case .waiting: preconditionFailure("nothing to commit")
        case .ends:
            transaction.operations = [.delete(current.key)]
            ClaimChange(from: endpoint.resource.strategy.claims(of: current.value), to: [])
                .add(to: &transaction, owner: current.key)
        case .begins(let object):
            transaction.operations = [
                .put(current.key, StoredForm(endpoint: endpoint).encode(object))
            ]
        }
        return try await environment.commit(transaction)
    }

    private func outcome(
        _ stage: Stage, _ current: CurrentObject, _ target: WriteTarget,
        _ revision: Revision? = nil
    ) -> WriteOutcome {
        let endpoint = target.endpoint
        let form = StoredForm(endpoint: endpoint)
        switch stage {
        case .waiting:
            return WriteOutcome(
                httpStatus: 200, content: .object(form.represent(current.value), endpoint: endpoint))
        case .begins(let object):
            let bytes = revision.map {
                environment.represent(object, at: $0, key: current.key, endpoint)
            }
            return WriteOutcome(
                httpStatus: 200,
                content: .object(bytes ?? form.represent(object), endpoint: endpoint))
        case .ends:
            guard endpoint.resource.strategy.deletionAnswersWithObject else {
                return WriteOutcome(
                    httpStatus: 200,
                    content: .status(
                        .success(
                            target.resource, name: target.name ?? "",
                            uid: current.value[path: "metadata", "uid"]?.string)))
            }
            var last = current.value
            if let revision {
                last.setMetadata("resourceVersion", .string(revision.description))
            }
            return WriteOutcome(
                httpStatus: 200, content: .object(form.represent(last), endpoint: endpoint))
        }
    }
}

/// What a deletion does to an object as it is now.
private enum Stage: Equatable {
    /// It leaves the store.
    case ends
    /// It is marked, and waits for its finalizers or for whoever runs it.
    case begins(JSONValue)
    /// It has been marked, and waits.
    case waiting

    init(
        _ object: JSONValue, _ strategy: any Strategy, _ options: DeleteOptions,
        _ context: StrategyContext
    ) {
        let deletion = strategy.deletion(
            of: object, gracePeriodSeconds: options.gracePeriodSeconds)
        let isHeld =
            !(object[path: "metadata", "finalizers"]?.array?.isEmpty ?? true)
            || !strategy.mayEnd(object)
        let marked = object[path: "metadata", "deletionTimestamp"] != nil
        var seconds: Int64 = 0
        if case .graceful(let period) = deletion { seconds = period }
        if seconds == 0, !isHeld {
            self = .ends
            return
        }
        let present = object[path: "metadata", "deletionGracePeriodSeconds"]?.int ?? 0
        if marked, seconds >= present {
            self = .waiting
            return
        }
        var object = object
        object.setMetadata(
            "deletionTimestamp", .string(context.now.adding(seconds: seconds).description))
        object.setMetadata("deletionGracePeriodSeconds", .number(JSONNumber(seconds)))
        strategy.prepareForDeletion(&object)
        self = .begins(object)
    }
}

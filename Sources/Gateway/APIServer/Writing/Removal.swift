// DELETE: one object, at once or in stages.

import APIModel
import Buffers
import JSON
import Resources
import Storage

struct Removal {
    let environment: WriteEnvironment

    /// - Throws: 404 when there is no such object, 409 when a precondition fails.
    func run(_ request: WriteRequest, _ options: DeleteOptions) async throws(APIStatus)
        -> WriteOutcome
    {
        let target = request.target
        let endpoint = target.endpoint
        let name = target.name ?? ""
        let key = Key(
            endpoint.key(namespace: target.namespace.map { Bytes($0) }, name: Bytes(name)))
        var seen: CurrentObject?
        for _ in 0..<Limits.retryCountMax {
            var current = seen
            if current == nil { current = try environment.current(key, endpoint) }
            guard let current else { throw .notFound(target.resource, name) }
            try options.preconditions.check(
                ObjectMeta(of: current.value), endpoint.definition.groupKind)
            if let refusal = endpoint.resource.strategy.refusalToDelete(current.value) {
                throw .forbidden(target.resource, name, problem: refusal)
            }
            let stage = Stage(current.value, endpoint.resource.strategy, options, request.context)
            if options.isDryRun || stage == .waiting {
                return outcome(stage, current, target)
            }
            let result = try await commit(stage, current, endpoint)
            switch result {
            case .committed(let revision):
                return outcome(stage, current, target, revision)
            case .conflict(_, let item):
                guard item != nil else { throw .notFound(target.resource, name) }
                seen = try environment.current(result, endpoint)
            }
        }
        throw .tooManyConflicts(target.resource)
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
                httpStatus: 200, content: .object(form.represent(current.value), endpoint: endpoint)
            )
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
                    content: .status(Self.success(target, current)))
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

extension Removal {
    private static func success(_ target: WriteTarget, _ current: CurrentObject) -> APIStatus {
        var details = APIStatus.Details(target.resource, name: target.name ?? "")
        details.uid = ObjectMeta(of: current.value).uid
        return .success(details: details)
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
            "deletionTimestamp",
            .string(Timestamp(seconds: context.now.seconds + seconds).description))
        object.setMetadata("deletionGracePeriodSeconds", .number(JSONNumber(seconds)))
        strategy.prepareForDeletion(&object)
        self = .begins(object)
    }
}

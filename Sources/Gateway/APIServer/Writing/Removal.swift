// DELETE: one object, at once or in stages.

import APIModel
import Access
import Admission
import Buffers
import JSON
import Resources
import Storage

struct Removal {
    let environment: WriteEnvironment
    /// Whether webhooks and policies are asked: an eviction has asked them about itself.
    var isAdmitted = true

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
            if current == nil { current = try await environment.latest(key, endpoint) }
            guard let current else { throw .notFound(target.resource, name) }
            var proposal = request.proposal(.delete)
            proposal.old = current.value
            try environment.check(proposal)
            try options.preconditions.check(
                ObjectMeta(of: current.value), endpoint.definition.groupKind)
            if let refusal = endpoint.resource.strategy.refusalToDelete(current.value) {
                throw .forbidden(target.resource, name, problem: refusal)
            }
            try await admit(request, options, current)
            let stage = DeletionStage(
                environment.collectsGarbage
                    ? current.value.awaiting(options, endpoint.resource.strategy) : current.value,
                from: current.value, endpoint.resource.strategy, options, request.context)
            if options.isDryRun || stage == .waiting {
                return await outcome(stage, current, target)
            }
            let result = try await commit(stage, current, endpoint)
            switch result {
            case .committed(let revision):
                return await outcome(stage, current, target, revision)
            case .conflict(_, let item):
                guard item != nil else { throw .notFound(target.resource, name) }
                seen = try await environment.current(result, endpoint)
            }
        }
        throw .tooManyConflicts(target.resource)
    }

    private func admit(
        _ request: WriteRequest, _ options: DeleteOptions, _ current: CurrentObject
    ) async throws(APIStatus) {
        guard isAdmitted else { return }
        let write = AdmittedWrite(
            environment: environment, request: request, operation: .delete, old: current.value,
            deletion: options)
        var nothing = JSONValue.null
        _ = try await write.mutate(&nothing)
        try await write.judge(nothing)
    }

    private func commit(
        _ stage: DeletionStage, _ current: CurrentObject, _ endpoint: ResourceEndpoint
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
            let bytes = try await environment.stored(current.becoming(object), endpoint)
            transaction.operations = [.put(current.key, bytes)]
        }
        return try await environment.commit(transaction)
    }

    private func outcome(
        _ stage: DeletionStage, _ current: CurrentObject, _ target: WriteTarget,
        _ revision: Revision? = nil
    ) async -> WriteOutcome {
        let endpoint = target.endpoint
        func answer(_ object: JSONValue) -> WriteOutcome {
            let bytes = StoredForm(endpoint: endpoint).represent(current.becoming(object))
            return WriteOutcome(httpStatus: 200, content: .object(bytes, endpoint: endpoint))
        }
        switch stage {
        case .waiting: return answer(current.value)
        case .begins(let object):
            guard let revision else { return answer(object) }
            let bytes = await environment.represent(
                current.becoming(object), at: revision, key: current.key, endpoint)
            return WriteOutcome(httpStatus: 200, content: .object(bytes, endpoint: endpoint))
        case .ends(var last):
            guard endpoint.resource.strategy.deletionAnswersWithObject else {
                return WriteOutcome(
                    httpStatus: 200,
                    content: .status(Self.success(target, current)))
            }
            if let revision {
                last.setMetadata("resourceVersion", .string(revision.description))
            }
            return answer(last)
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

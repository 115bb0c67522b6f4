// Carries out writes and turns their outcome into answers.

import APIModel
import Admission
import Buffers
import JSON
import Resources
import Schema
import WatchCache

struct Writer: Sendable {
    let environment: WriteEnvironment

    init(_ environment: WriteEnvironment) { self.environment = environment }

    /// What the client is told. Every refusal is a `Status`.
    func answer(_ command: WriteCommand) async -> Answer {
        var answer: Answer
        do {
            answer = try self.answer(for: try await outcome(command), command)
        } catch {
            answer = Answer(error)
        }
        let notes = command.request.notes.notes
        answer.warnings += notes.warnings
        answer.annotations = notes.annotations
        return answer
    }

    /// Carries out a write. Where others write to the store, too, a refusal counts only when the
    /// cache shows what they have done.
    func outcome(_ command: WriteCommand) async throws(APIStatus) -> WriteOutcome {
        guard let contact = environment.contact else { return try await attempt(command) }
        if command.action.concernsMany { try await contact.confirm() }
        let shown = environment.cache.appliedRevision
        do throws(APIStatus) {
            return try await attempt(command)
        } catch {
            guard error.mayBeOutdated else { throw error }
            try await contact.confirm()
            guard environment.cache.appliedRevision > shown else { throw error }
            return try await attempt(command)
        }
    }

    private func attempt(_ command: WriteCommand) async throws(APIStatus) -> WriteOutcome {
        let request = command.request
        switch command.action {
        case .create: return try await Creation(environment: environment).run(request)
        case .update: return try await Replacement(environment: environment).run(request)
        case .patch: return try await Patching(environment: environment).run(request)
        case .apply: return try await Applying(environment: environment).run(request)
        case .bind: return try await Binding(environment: environment).run(request)
        case .evict: return try await Eviction(environment: environment).run(request)
        case .answer(let kind):
            return try await VirtualAnswer(environment: environment).run(request, kind)
        case .finalize: return try await Finalization(environment: environment).run(request)
        case .scale:
            return try await Scaling(environment: environment).run(request, isPatch: false)
        case .patchScale:
            return try await Scaling(environment: environment).run(request, isPatch: true)
        case .applyScale: return try await Scaling(environment: environment).apply(request)
        case .delete(let options):
            return try await Removal(environment: environment).run(request, options)
        case .deleteCollection(let options, let filter):
            return try await CollectionRemoval(environment: environment).run(
                request, options, filter: filter)
        }
    }

    private func answer(
        for outcome: WriteOutcome, _ command: WriteCommand
    ) throws(APIStatus) -> Answer {
        var answer: Answer
        switch outcome.content {
        case .status(let status):
            answer = Answer(status)
        case .document(let bytes):
            answer = try Representation.document(bytes, command.acceptance)
        case .object(let bytes, let endpoint):
            answer = try WrittenObject(bytes: bytes, endpoint: endpoint).answer(command.acceptance)
        }
        answer.status = outcome.httpStatus
        answer.warnings =
            outcome.warnings + (command.request.target.endpoint.warning.map { [$0] } ?? [])
        return answer
    }
}

/// An object that a write left, in the view that the client asked for.
private struct WrittenObject {
    let bytes: Bytes
    let endpoint: ResourceEndpoint

    func answer(_ acceptance: Acceptance) throws(APIStatus) -> Answer {
        switch acceptance.view {
        case .object, .aggregatedDiscovery:
            guard acceptance.format == .json else {
                return try Representation.document(bytes, acceptance)
            }
            return Answer(json: [bytes, "\n"])
        case .partialObjectMetadata:
            return try Representation.document(
                PartialObjectMetadata.bytes(of: body), acceptance)
        case .table:
            let table = TableView(endpoint: endpoint, includedObject: .metadata)
            let head = ObjectTableHead(revision: revision)
            return try Representation.document(table.document([body], head), acceptance)
        }
    }

    private var revision: String {
        (try? JSONValue(parsing: bytes))?[path: "metadata", "resourceVersion"]?.string ?? ""
    }

    private var body: Bytes { bytes.dropFirst(endpoint.objectPrefix.count) }
}

// DELETE of a collection: every object that matches.

import APIModel
import Buffers
import JSON
import Resources
import Schema
import Storage
import WatchCache

struct CollectionRemoval {
    let environment: WriteEnvironment

    /// Deletes what `filter` matches now, one object at a time; an object that leaves meanwhile is
    /// passed over.
    /// - Returns: the list of the deleted objects, as they were.
    func run(
        _ request: WriteRequest, _ options: DeleteOptions, filter: Filter
    ) async throws(APIStatus) -> WriteOutcome {
        let endpoint = request.target.endpoint
        try await endpoint.translation?.catchUp()
        let snapshot = endpoint.cache.snapshot()
        var matching: [CachedObject] = []
        snapshot.forEach(matching: filter) { object in
            matching.append(object)
            return true
        }
        var deleted: [CachedObject] = []
        for object in matching {
            if try await remove(object, request, options) { deleted.append(object) }
        }
        return WriteOutcome(
            httpStatus: 200,
            content: .document(
                ListDocument(endpoint: endpoint, revision: snapshot.revision).bytes(of: deleted)))
    }

    private func remove(
        _ object: CachedObject, _ request: WriteRequest, _ options: DeleteOptions
    ) async throws(APIStatus) -> Bool {
        let single = request.retargeted(
            to: WriteTarget(
                endpoint: request.target.endpoint,
                namespace: request.target.endpoint.definition.isNamespaced
                    ? object.namespace.description : nil,
                name: object.name.description, subresource: nil))
        do {
            _ = try await Removal(environment: environment).run(single, options)
            return true
        } catch {
            guard error.reason == .notFound else { throw error }
            return false
        }
    }
}

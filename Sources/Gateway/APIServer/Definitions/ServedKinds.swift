// What is served now. It changes when custom resources come and go.

import APIModel
import Admission
import Buffers
import JSON
import Resources
import Schema
import Storage
import Synchronization
import WatchCache

/// The kinds, their routes and the documents about them, which belong together. Immutable.
final class ServedState: Sendable {
    let catalog: Catalog
    let table: RoutingTable
    let documents: ServedDocuments

    init(_ catalog: Catalog, _ table: RoutingTable, _ documents: ServedDocuments) {
        self.catalog = catalog
        self.table = table
        self.documents = documents
    }
}

/// The present state, replaced as a whole. A request takes it once and is answered from it.
final class ServedKinds: Sendable {
    /// The built-in kinds.
    private let base: ServedState
    private let present: Mutex<ServedState>
    private let isPreparing = Mutex(false)

    init(_ base: ServedState) {
        self.base = base
        present = Mutex(base)
    }

    var state: ServedState { present.withLock { $0 } }

    /// The schemas of the built-in kinds.
    var builtInSchemas: SchemaRegistry { base.catalog.registry }

    /// The built-in resources of a group.
    func builtInNames(in group: String) -> [ResourceDefinition] {
        base.catalog.resources.map(\.definition).filter { $0.group == group }
    }

    /// The objects of a kind, as policies read them.
    func parameters(_ kind: GroupVersionKind) -> ParameterKind? {
        let endpoint = state.table.endpoints.first { $0.definition.groupVersionKind == kind }
        return endpoint?.parameters
    }

    /// The other endpoints of an endpoint's objects, in other versions.
    func equivalents(of endpoint: ResourceEndpoint) -> [ResourceEndpoint] {
        state.table.endpoints.filter { $0.kept === endpoint.kept && $0 !== endpoint }
    }

    /// Serves these custom resources from now on, and no others.
    func serve(_ custom: [CustomResource], at endpoints: [ResourceEndpoint]) {
        let catalog = base.catalog.adding(custom)
        let state = ServedState(
            catalog, base.table.adding(endpoints),
            base.documents.adding(custom.map(\.resource), of: catalog))
        present.withLock { $0 = state }
        prepareDocuments()
    }

    /// Begins to make the documents that take long, beside the requests. Of states that follow one
    /// another quickly only the last one's are made.
    private func prepareDocuments() {
        let isBusy = isPreparing.withLock { isPreparing in
            defer { isPreparing = true }
            return isPreparing
        }
        if isBusy { return }
        Task.detached(priority: .utility) { [self] in
            var prepared: ServedState?
            while !endPreparing(of: prepared) {
                let next = state
                next.documents.prepare()
                prepared = next
            }
        }
    }

    /// Ends if there is nothing newer to be prepared.
    private func endPreparing(of prepared: ServedState?) -> Bool {
        isPreparing.withLock { isPreparing in
            guard prepared === state else { return false }
            isPreparing = false
            return true
        }
    }
}

extension ResourceEndpoint {
    /// The endpoint's objects, as policies read them.
    fileprivate var parameters: ParameterKind {
        let isNamespaced = definition.isNamespaced
        @Sendable func space(_ namespace: String) -> Bytes? {
            isNamespaced ? Bytes(namespace) : nil
        }
        return ParameterKind(
            isNamespaced: isNamespaced,
            object: { [self] namespace, name in
                let key = Key(key(namespace: space(namespace), name: Bytes(name)))
                return cache.snapshot().object(key).flatMap(value)
            },
            objects: { [self] namespace in
                var values: [JSONValue] = []
                cache.snapshot().forEach(in: range(namespace: space(namespace))) { object in
                    if let value = value(object) { values.append(value) }
                    return true
                }
                return values
            })
    }

    @Sendable private func value(_ object: CachedObject) -> JSONValue? {
        try? JSONValue(parsing: whole(object))
    }
}

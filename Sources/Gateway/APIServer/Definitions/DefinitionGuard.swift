import APIModel
import Buffers
import Resources
import Schema
import Storage
import WatchCache

/// Lets no object slip into a custom resource whose definition goes meanwhile: it would come back
/// with the next definition of that name.
struct DefinitionGuard {
    let environment: WriteEnvironment

    /// What must hold at the commit; `nil` for built-in kinds.
    /// - Throws: 404 when the definition has gone, 405 when it is going.
    func condition(for endpoint: ResourceEndpoint) throws(APIStatus) -> Comparison? {
        guard endpoint.resource.isCustom, let definitions = environment.definitions else {
            return nil
        }
        let name = "\(endpoint.definition.plural).\(endpoint.definition.group)"
        let key = Key(definitions.key(namespace: nil, name: Bytes(name)))
        guard let current = try environment.current(key, definitions) else {
            throw .genericNotFound
        }
        guard !ObjectMeta(of: current.value).isBeingDeleted else { throw .methodNotAllowed }
        return .unchanged(key, since: current.revision)
    }
}

// Objects that the server makes of itself.

import APIModel
import JSON
import Resources

extension WriteEnvironment {
    /// Creates an object that the server supplies. Several gateways may do so at once: one of them
    /// makes it, and the others find it there.
    /// - Parameter namespace: `nil` for an object that is in none.
    /// - Returns: whether this call made it.
    @discardableResult
    func createUnlessPresent(
        _ object: JSONValue, _ endpoint: ResourceEndpoint, in namespace: String? = nil
    ) async throws(APIStatus) -> Bool {
        let target = WriteTarget(
            endpoint: endpoint, namespace: namespace, name: nil, subresource: nil)
        do {
            _ = try await Creation(environment: self).run(request(target, object.bytes))
            return true
        } catch {
            guard error.reason == .alreadyExists else { throw error }
            return false
        }
    }
}

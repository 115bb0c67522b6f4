import APIModel
import Buffers
import HTTPWire
import Schema

/// What a request does to its resource, as discovery names it.
enum RequestVerb: String {
    case get, list, watch, create, update, patch, delete, deletecollection

    var isRead: Bool { self == .get || self == .list || self == .watch }

    /// - Throws: 405 when the resource, collection or subresource has no such verb, 404 when there
    ///   is no such subresource.
    init(_ method: Method, _ target: ResourceTarget) throws(APIStatus) {
        let isObject = target.name != nil && !target.isDeprecatedWatch
        switch method {
        case .get, .head: self = isObject ? .get : .list
        case .post: self = .create
        case .put: self = .update
        case .patch: self = .patch
        case .delete: self = isObject ? .delete : .deletecollection
        default: throw .methodNotAllowed
        }
        let definition = target.endpoint.definition
        guard let name = target.subresource?.description else {
            let fits = self == .create ? !isObject : self != .update && self != .patch || isObject
            guard fits, definition.servedVerbs.contains(rawValue) else { throw .methodNotAllowed }
            return
        }
        guard let subresource = definition.subresource(name) else {
            throw .genericNotFound
        }
        guard subresource.servedVerbs.contains(rawValue) else { throw .methodNotAllowed }
    }
}

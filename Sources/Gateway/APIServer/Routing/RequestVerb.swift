import APIModel
import Buffers
import HTTPWire
import Schema

/// What a request does to its resource, as discovery names it.
enum RequestVerb: String, CaseIterable {
    case get, list, watch, create, update, patch, delete, deletecollection

    /// The place among all verbs.
    var index: Int {
        switch self {
        case .get: 0
        case .list: 1
        case .watch: 2
        case .create: 3
        case .update: 4
        case .patch: 5
        case .delete: 6
        case .deletecollection: 7
        }
    }

    var isRead: Bool { self == .get || self == .list || self == .watch }

    /// - Throws: 405 when the resource, collection or subresource has no such verb, 404 when there
    ///   is no such subresource.
    init(_ method: Method, _ target: ResourceTarget) throws(APIStatus) {
        let isObject = target.name != nil && !target.isDeprecatedWatch
        // Such a path may name an object, which is no place for what is written: a role that lets
        // somebody create one object must not let them create others.
        guard !target.isDeprecatedWatch || method == .get || method == .head else {
            throw .methodNotAllowed
        }
        guard let verb = RequestVerb(method, isObject: isObject) else { throw .methodNotAllowed }
        self = verb
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

    /// The verb that a method asks for; `nil` when it asks for none.
    private init?(_ method: Method, isObject: Bool) {
        switch method {
        case .get, .head: self = isObject ? .get : .list
        case .post: self = .create
        case .put: self = .update
        case .patch: self = .patch
        case .delete: self = isObject ? .delete : .deletecollection
        default: return nil
        }
    }

    /// What a refused request is counted as.
    init(_ method: Method) { self = RequestVerb(method, isObject: true) ?? .get }
}

// What a request needs to be allowed, in the words of authorization.

import APIModel
import Access
import Buffers
import HTTPWire
import Schema

/// What a request needs to be allowed: each of the verbs on the subject.
struct AccessQuestion: Hashable {
    let verbs: [String]
    let subject: AccessAttributes.Subject
    /// The fields that a selector ties to one value.
    private(set) var selectedFields: [String: String] = [:]

    init(_ route: Route, _ head: RequestHead) {
        switch route {
        case .resource(let target):
            self.init(target, head)
        case .virtual(let target):
            let definition = target.endpoint.definition
            let place = Place(
                namespace: target.namespace, name: target.name, subresource: target.subresource)
            self.init(
                [Self.verb(head, isObject: target.name != nil)],
                place.subject(definition.group, definition.version, definition.plural))
        case .unknownResource, .unknownGroup:
            self.init(unserved: head)
        default:
            self.init(path: head)
        }
    }

    private init(_ verbs: [String], _ subject: AccessAttributes.Subject) {
        self.verbs = verbs
        self.subject = subject
    }

    private init(path head: RequestHead) {
        self.init(
            [head.methodName.description.lowercased()],
            .path((PathSegments.decoded(head.path) ?? head.path).description))
    }

    private init(_ target: ResourceTarget, _ head: RequestHead) {
        let definition = target.endpoint.definition
        var place = Place(
            namespace: target.namespace, name: target.name, subresource: target.subresource)
        if target.name == nil || target.isDeprecatedWatch {
            // What is wrong with the query is told to those who may ask.
            let query = (try? QueryItems(parsing: head.query)) ?? QueryItems()
            verbs = Self.collectionVerbs(head, query, isWatch: target.isDeprecatedWatch)
            if head.method != .post { selectedFields = Self.selectedFields(query) }
            if place.name == nil, let name = selectedFields["metadata.name"],
                ValueFormat.pathSegmentName.isValid(name)
            {
                place.selectedName = Bytes(name)
            }
        } else {
            verbs = [Self.verb(head, isObject: true)]
        }
        subject = place.subject(definition.group, definition.version, definition.plural)
    }

    /// A path under `/api` or `/apis` that names nothing: it is read as if it did, so that nobody
    /// learns what is served by asking.
    private init(unserved head: RequestHead) {
        var rest = PathSegments(head.path)
        let isCore = rest.next() == "api"
        let group = isCore ? Bytes.empty : rest.next() ?? .empty
        guard let version = rest.next(), var resource = rest.next() else {
            self.init(path: head)
            return
        }
        var place = Place()
        var isWatch = false
        if resource == "watch", let next = rest.next() {
            isWatch = true
            resource = next
        }
        if resource == "namespaces", let namespace = rest.next(), let next = rest.next() {
            place.namespace = namespace
            resource = next
        }
        place.name = rest.next()
        place.subresource = rest.next()
        // Another server may serve it, which knows watches and no polls.
        let query = try? QueryItems(parsing: head.query)
        if place.name == nil, head.method == .get, query?.flag("watch") ?? false { isWatch = true }
        self.init(
            [isWatch ? "watch" : Self.verb(head, isObject: place.name != nil)],
            place.subject(group.description, version.description, resource.description))
    }

    // MARK: Verbs

    private static func verb(_ head: RequestHead, isObject: Bool) -> String {
        switch head.method {
        case .get, .head: isObject ? "get" : "list"
        case .post: "create"
        case .put: "update"
        case .patch: "patch"
        case .delete: isObject ? "delete" : "deletecollection"
        case .options, .other: head.methodName.description.lowercased()
        }
    }

    /// A poll shows the present state to those who name no position, as a list does, and events to
    /// those who do, as a watch does; in a cursor's name it may do either.
    private static func collectionVerbs(
        _ head: RequestHead, _ query: QueryItems, isWatch: Bool
    ) -> [String] {
        guard head.method == .get || head.method == .head else {
            return [verb(head, isObject: false)]
        }
        if isWatch || query.flag("watch") ?? false { return ["watch"] }
        guard query.flag("poll") ?? false else { return ["list"] }
        if query["cursor"] != nil { return ["list", "watch"] }
        let position = (try? ResourceVersion.parse(query["resourceVersion"] ?? "")) ?? nil
        return (position ?? 0) > 0 ? ["watch"] : ["list"]
    }

    private static func selectedFields(_ query: QueryItems) -> [String: String] {
        guard let text = query["fieldSelector"], let selector = try? FieldSelector(parsing: text)
        else { return [:] }
        var fields: [String: String] = [:]
        for term in selector.requirements where term.isEquality { fields[term.field] = term.value }
        return fields
    }
}

/// Where a path points to in its resource.
private struct Place {
    var namespace: Bytes?
    var name: Bytes?
    var subresource: Bytes?
    /// The one name that a selector leaves.
    var selectedName: Bytes?

    /// A namespace is in itself: whoever may read in it may read it.
    func subject(
        _ group: String, _ version: String, _ resource: String
    ) -> AccessAttributes.Subject {
        let isNamespace = group.isEmpty && resource == "namespaces"
        let namespace = isNamespace ? name : namespace
        return .resource(
            group: group, version: version, resource: resource,
            subresource: subresource?.description ?? "",
            namespace: namespace?.description ?? "",
            name: (name ?? selectedName)?.description ?? "")
    }
}

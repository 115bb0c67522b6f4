// A request as webhooks and policies see it.

import APIModel
import Access
import JSON

/// A write that is about to be made. The words are those of AdmissionReview (admission.k8s.io/v1).
public struct AdmissionRequest: Sendable {
    public enum Operation: String, Hashable, Sendable {
        case create = "CREATE"
        case update = "UPDATE"
        case delete = "DELETE"
    }

    /// A resource in one version, and the kind of the objects that are sent to it.
    public struct Form: Hashable, Sendable {
        public let kind: GroupVersionKind
        public let resource: GroupVersionResource

        public init(_ kind: GroupVersionKind, at resource: GroupVersionResource) {
            self.kind = kind
            self.resource = resource
        }
    }

    /// The same objects in another version, and the ways there and back.
    public struct Equivalent: Sendable {
        public let form: Form
        let there: Way
        let back: Way

        /// Takes an object from one version to another; may ask somebody.
        public typealias Way = @Sendable (JSONValue) async throws(APIStatus) -> JSONValue

        public init(_ form: Form, there: @escaping Way, back: @escaping Way) {
            self.form = form
            self.there = there
            self.back = back
        }
    }

    /// Where the objects are.
    public struct Place: Sendable {
        public let form: Form
        /// Empty when the object itself is written.
        public let subresource: String
        /// Of a Namespace that is changed, its own name; empty for other cluster-scoped objects.
        public let namespace: String
        /// Empty for a creation that lets the server choose.
        public let name: String
        /// The other versions in which the resource is served; asked for when no rule fits.
        let equivalents: @Sendable () -> [Equivalent]

        public init(
            _ form: Form, subresource: String, namespace: String, name: String,
            equivalents: @escaping @Sendable () -> [Equivalent]
        ) {
            self.form = form
            self.subresource = subresource
            self.namespace = namespace
            self.name = name
            self.equivalents = equivalents
        }
    }

    public let operation: Operation
    public let place: Place
    public let user: User
    /// The options of the request, as an object of meta.k8s.io/v1.
    public let options: JSONValue
    public let isDryRun: Bool
    /// The object that would be stored, or what a subresource takes; `null` for a deletion.
    public var object: JSONValue
    /// What is there now, or `null`.
    public let old: JSONValue
    /// Makes what a webhook has left into an object again: types checked, unknown members taken
    /// off, defaults filled in.
    let complete: @Sendable (JSONValue) throws(APIStatus) -> JSONValue

    public init(
        _ operation: Operation, at place: Place, by user: User, options: JSONValue, isDryRun: Bool,
        object: JSONValue, old: JSONValue,
        complete: @escaping @Sendable (JSONValue) throws(APIStatus) -> JSONValue
    ) {
        self.operation = operation
        self.place = place
        self.user = user
        self.options = options
        self.isDryRun = isDryRun
        self.object = object
        self.old = old
        self.complete = complete
    }

    var isNamespace: Bool { place.form.resource.groupResource == .namespaces }
}

/// What admission tells beside its verdict.
public struct AdmissionNotes: Sendable {
    /// For the client, in `Warning` headers.
    public var warnings: [String] = []
    /// For the audit log, by name.
    public var annotations: [String: String] = [:]

    public init() {}
}

extension GroupResource {
    static let namespaces = GroupResource(group: "", resource: "namespaces")
}

extension AdmissionRequest {
    /// The request as the `request` of a review and of expressions has it, in the version in which
    /// it was matched, without the objects.
    func attributes(as form: Form) -> JSONObject {
        var members: JSONObject = [
            "kind": form.kind.json, "resource": form.resource.json,
        ]
        if !place.subresource.isEmpty { members["subResource"] = .string(place.subresource) }
        members["requestKind"] = place.form.kind.json
        members["requestResource"] = place.form.resource.json
        if !place.subresource.isEmpty {
            members["requestSubResource"] = .string(place.subresource)
        }
        if !place.name.isEmpty { members["name"] = .string(place.name) }
        if !place.namespace.isEmpty { members["namespace"] = .string(place.namespace) }
        members["operation"] = .string(operation.rawValue)
        members["userInfo"] = user.json
        members["dryRun"] = .bool(isDryRun)
        members["options"] = options
        return members
    }
}

extension GroupVersionKind {
    fileprivate var json: JSONValue {
        ["group": .string(group), "version": .string(version), "kind": .string(kind)]
    }
}

extension GroupVersionResource {
    fileprivate var json: JSONValue {
        ["group": .string(group), "version": .string(version), "resource": .string(resource)]
    }
}

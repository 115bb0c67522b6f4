// What a cursor is for.

import APIModel
import Buffers
import JSON
import Schema

/// A collection, and what is selected of it. Selectors that say the same in another order are the
/// same.
struct FollowedCollection: Hashable, Sendable {
    /// Such as `/api/v1/namespaces/default/pods`.
    let path: String
    /// Such as `deployments.apps`.
    let resource: String
    /// `nil` for all namespaces, and for a resource without.
    let namespace: String?
    /// Empty for everything.
    let labelSelector: String
    let fieldSelector: String

    /// - Precondition: the target is a collection.
    init(_ target: ResourceTarget, _ options: ListOptions) {
        let definition = target.endpoint.definition
        let groupVersion = definition.groupVersion
        namespace = target.namespace?.description
        resource = target.endpoint.qualifiedResource.description
        path =
            (groupVersion.group.isEmpty ? "/api/" : "/apis/") + "\(groupVersion)/"
            + (namespace.map { "namespaces/\($0)/" } ?? "") + definition.plural
        labelSelector = Self.joined(options.labelSelector.requirements.map(Self.text))
        fieldSelector = Self.joined(options.fieldSelector.requirements.map(Self.text))
    }

    /// Reads what `members` wrote.
    init(_ spec: JSONValue) {
        path = spec["path"]?.string ?? ""
        resource = spec["resource"]?.string ?? ""
        namespace = spec["namespace"]?.string
        labelSelector = spec["labelSelector"]?.string ?? ""
        fieldSelector = spec["fieldSelector"]?.string ?? ""
    }

    /// As it stands in the `spec` of a cursor.
    var members: [(String, JSONValue)] {
        var members: [(String, JSONValue)] = [
            ("path", .string(path)), ("resource", .string(resource)),
        ]
        if let namespace { members.append(("namespace", .string(namespace))) }
        if !labelSelector.isEmpty { members.append(("labelSelector", .string(labelSelector))) }
        if !fieldSelector.isEmpty { members.append(("fieldSelector", .string(fieldSelector))) }
        return members
    }

    private static func joined(_ terms: [String]) -> String {
        Set(terms).sorted().joined(separator: ",")
    }

    private static func text(_ term: LabelRequirement) -> String {
        switch (term.operator, term.values.count) {
        case (.equals, _), (.doubleEquals, _), (.in, 1): "\(term.key)=\(term.values[0])"
        case (.notIn, 1): "\(term.key)!=\(term.values[0])"
        default: term.description
        }
    }

    private static func text(_ term: FieldSelector.Requirement) -> String {
        FieldSelector([term]).description
    }
}

extension FollowedCollection: CustomStringConvertible {
    var description: String {
        var text = path
        if !labelSelector.isEmpty { text += " with labelSelector \"\(labelSelector)\"" }
        if !fieldSelector.isEmpty {
            text +=
                (labelSelector.isEmpty ? " with" : " and") + " fieldSelector "
                + "\"\(fieldSelector)\""
        }
        return text
    }
}

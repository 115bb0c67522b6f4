import APIModel
import Buffers
import Schema
import WatchCache

/// Turns a path and selectors into a filter of the cache.
struct FilterCompiler {
    let target: ResourceTarget

    init(_ target: ResourceTarget) { self.target = target }

    /// - Throws: 400 for a field that this kind cannot be selected by.
    func filter(_ options: ListOptions) throws(APIStatus) -> Filter {
        if options.labelSelector.selectsNothing { return nothing }
        var selection = Selection(
            namespace: target.namespace?.description, name: target.name?.description)
        selection.labels = options.labelSelector.requirements.map(Self.requirement)
        selection.fields = try options.fieldSelector.requirements.map { (term) throws(APIStatus) in
            FieldRequirement(
                try place(of: term.field), term.value, isEqual: term.isEquality)
        }
        return target.endpoint.cache.filter(selection)
    }

    /// The filter that only `key`'s object passes.
    func object() -> Filter {
        target.endpoint.cache.filter(
            Selection(namespace: target.namespace?.description, name: target.name?.description))
    }

    /// No object lacks its name.
    private var nothing: Filter {
        target.endpoint.cache.filter(Selection(fields: [FieldRequirement(.name, "")]))
    }

    private static func requirement(
        _ term: APIModel.LabelRequirement
    ) -> WatchCache.LabelRequirement {
        switch term.operator {
        case .equals, .doubleEquals, .in: .isIn(term.key, term.values)
        case .notEquals, .notIn: .notIn(term.key, term.values)
        case .exists: .exists(term.key)
        case .doesNotExist: .absent(term.key)
        case .greaterThan: .greaterThan(term.key, Int64(term.values.first ?? "") ?? 0)
        case .lessThan: .lessThan(term.key, Int64(term.values.first ?? "") ?? 0)
        }
    }

    private func place(of field: String) throws(APIStatus) -> FieldRequirement.Target {
        switch field {
        case "metadata.name": return .name
        case "metadata.namespace": return .namespace
        default:
            guard let index = target.endpoint.place(ofField: field) else {
                throw unknown(field, target.endpoint.definition.selectableFields)
            }
            return .field(index)
        }
    }

    private func unknown(_ field: String, _ fields: [String]) -> APIStatus {
        let known = (["metadata.name", "metadata.namespace"] + fields).map { "\"\($0)\"" }
        return .badRequest(
            "\"\(field)\" is not a known field selector: only \(known.joined(separator: ", "))")
    }
}

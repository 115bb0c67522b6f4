// The places of an object where a strategic merge patch can change something.

import JSON
import ObjectTesting

/// A member of the object, or of an object in it that a patch is merged into.
struct MergedPlace: CustomStringConvertible {
    private enum Step {
        case member(String)
        /// An element of a list, which is told by this member of it.
        case element(Int, key: String, JSONValue)
    }

    /// The whole object.
    let object: JSONValue
    /// To the object of which this is a member.
    private let route: [Step]
    let name: String
    /// What is there.
    let value: JSONValue
    private let schema: UsedSchema

    var elements: [JSONValue] { value.array ?? [] }
    var members: JSONObject { value.object ?? [:] }
    var isObject: Bool { value.object != nil }
    var isKeyedList: Bool { isMergedList && schema.patchMergeKey != nil }
    var isScalarList: Bool { isMergedList && schema.patchMergeKey == nil }
    var isMergedList: Bool {
        value.array != nil && schema.patchStrategies.contains("merge")
    }

    var description: String {
        route.reduce("") { text, step in
            switch step {
            case .member(let name): "\(text).\(name)"
            case .element(let index, _, _): "\(text)[\(index)]"
            }
        } + ".\(name)"
    }

    /// What tells an element from others, and `more`.
    func reference(to element: JSONValue, _ more: JSONObject = [:]) -> JSONValue {
        guard let key = schema.patchMergeKey else { return element }
        var reference = more
        reference[key] = element[key]
        return .object(reference)
    }

    /// A patch that says `members` of the object in which this place is.
    func patch(_ members: JSONObject) -> JSONValue {
        route.reversed().reduce(.object(members)) { patch, step in
            switch step {
            case .member(let name): [name: patch]
            case .element(_, let key, let value): [patch.with { $0[key] = value }]
            }
        }
    }

    /// The whole object with another value here.
    func object(having value: JSONValue) -> JSONValue {
        Self.replacing(at: route[...], in: object) { $0[name] = value }
    }

    private static func replacing(
        at route: ArraySlice<Step>, in value: JSONValue, _ change: (inout JSONValue) -> Void
    ) -> JSONValue {
        guard let step = route.first else { return value.with(change) }
        let rest = route.dropFirst()
        switch step {
        case .member(let name):
            return value.with { $0[name] = replacing(at: rest, in: $0[name] ?? .null, change) }
        case .element(let index, _, _):
            var elements = value.array ?? []
            elements[index] = replacing(at: rest, in: elements[index], change)
            return .array(elements)
        }
    }
}

extension MergedPlace {
    static func all(in object: JSONValue, _ schema: UsedSchema) -> [MergedPlace] {
        var places: [MergedPlace] = []
        collect(object, schema, [], of: object, into: &places)
        return places
    }

    private static func collect(
        _ value: JSONValue, _ schema: UsedSchema, _ route: [Step], of object: JSONValue,
        into places: inout [MergedPlace]
    ) {
        for (name, member) in value.object ?? [:] {
            guard let use = schema.member(name) else { continue }
            places.append(
                MergedPlace(object: object, route: route, name: name, value: member, schema: use))
            let inner = route + [.member(name)]
            if member.object != nil, !use.patchStrategies.contains("replace") {
                collect(member, use, inner, of: object, into: &places)
            }
            guard use.patchStrategies.contains("merge"), let key = use.patchMergeKey,
                let content = use.element
            else { continue }
            for (index, element) in (member.array ?? []).enumerated() {
                let step = Step.element(index, key: key, element[key] ?? .null)
                collect(element, content, inner + [step], of: object, into: &places)
            }
        }
    }
}

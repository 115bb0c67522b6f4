// Paths to values of a document, in the part of kubectl's JSONPath that columns use.

import JSON

/// A path such as `.spec.containers[*].image` or `.status.conditions[?(@.type=="Ready")].status`:
/// members, elements and slices by number, all of them with `*`, any depth with `..`, unions with
/// commas, and filters that compare a member with a literal.
public struct JSONPath: Hashable, Sendable, CustomStringConvertible {
    indirect enum Step: Hashable, Sendable {
        case members([String])
        case indexes([Int])
        case slice(Int?, Int?, Int)
        case all
        /// The value itself and everything in it.
        case descendants
        case filter(Filter)
    }

    /// What a filter demands of an element.
    struct Filter: Hashable, Sendable {
        enum Comparison: String, Sendable, CaseIterable {
            // Longer ones first, as they are read.
            case equal = "=="
            case different = "!="
            case atMost = "<="
            case atLeast = ">="
            case less = "<"
            case greater = ">"
        }

        let path: [Step]
        /// `nil` when the value only has to be there.
        let comparison: Comparison?
        let literal: JSONValue
    }

    let steps: [Step]
    public let description: String

    /// `nil` when `text` is no such path. Braces around it and a `$` before it mean nothing.
    public init?(_ text: String) {
        description = text
        var trimmed = text[...]
        if trimmed.hasPrefix("{"), trimmed.hasSuffix("}") {
            trimmed = trimmed.dropFirst().dropLast()
        }
        if trimmed.hasPrefix("$") { trimmed = trimmed.dropFirst() }
        var scanner = JSONPathScanner(trimmed)
        guard let steps = scanner.steps(until: nil), scanner.isAtEnd else { return nil }
        self.steps = steps
    }

    /// Every value that the path leads to, in the order of the document.
    public func values(in document: JSONValue) -> [JSONValue] {
        Self.values([document], steps[...])
    }

    /// The first of them.
    public func first(in document: JSONValue) -> JSONValue? { values(in: document).first }

    static func values(_ values: [JSONValue], _ steps: ArraySlice<Step>) -> [JSONValue] {
        steps.reduce(values) { values, step in values.flatMap { step.apply(to: $0) } }
    }
}

extension JSONPath.Step {
    func apply(to value: JSONValue) -> [JSONValue] {
        switch self {
        case .members(let names): names.compactMap { value[$0] }
        case .indexes(let indexes):
            indexes.compactMap { index in
                let count = value.array?.count ?? 0
                return value[index < 0 ? index + count : index]
            }
        case .slice(let start, let end, let stride): Self.slice(value, start, end, stride)
        case .all: value.array ?? value.object?.map(\.value) ?? []
        case .descendants: Self.descendants(of: value)
        case .filter(let filter): (value.array ?? []).filter(filter.isMet)
        }
    }

    private static func slice(
        _ value: JSONValue, _ start: Int?, _ end: Int?, _ stride: Int
    ) -> [JSONValue] {
        guard let array = value.array, stride > 0 else { return [] }
        func place(_ index: Int) -> Int {
            min(max(index < 0 ? index + array.count : index, 0), array.count)
        }
        let range = Swift.stride(
            from: place(start ?? 0), to: place(end ?? array.count), by: stride)
        return range.map { array[$0] }
    }

    private static func descendants(of value: JSONValue) -> [JSONValue] {
        let below = value.array ?? value.object?.map(\.value) ?? []
        return [value] + below.flatMap(descendants)
    }
}

extension JSONPath.Filter {
    func isMet(by element: JSONValue) -> Bool {
        let found = JSONPath.values([element], path[...])
        guard let comparison else { return !found.isEmpty }
        guard let value = found.first else { return false }
        switch comparison {
        case .equal: return value == literal
        case .different: return value != literal
        case .less: return Self.isLess(value, literal) ?? false
        case .greater: return Self.isLess(literal, value) ?? false
        case .atMost: return Self.isLess(literal, value).map { !$0 } ?? false
        case .atLeast: return Self.isLess(value, literal).map { !$0 } ?? false
        }
    }

    /// `nil` for values that have no order.
    private static func isLess(_ left: JSONValue, _ right: JSONValue) -> Bool? {
        switch (left, right) {
        case (.string(let first), .string(let second)): first < second
        case (.number(let first), .number(let second)): first.double < second.double
        default: nil
        }
    }
}

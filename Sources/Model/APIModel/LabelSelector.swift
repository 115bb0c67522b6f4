// Which labels an object must have to be selected.

import JSON

/// One condition on one label.
public struct LabelRequirement: Hashable, Sendable, CustomStringConvertible {
    public enum Operator: String, Hashable, Sendable {
        case equals = "="
        case doubleEquals = "=="
        case notEquals = "!="
        case `in` = "in"
        case notIn = "notin"
        case exists
        case doesNotExist = "!"
        case greaterThan = "gt"
        case lessThan = "lt"
    }

    public let key: String
    public let `operator`: Operator
    /// Sorted, each once. One value for equalities and comparisons, none for existence.
    public let values: [String]
    /// The number that a comparison compares with.
    private let bound: Int64?

    /// A condition that is known to be well formed.
    init(unchecked key: String, _ operator: Operator, _ values: [String]) {
        self.key = key
        self.operator = `operator`
        self.values = values.count > 1 ? Set(values).sorted() : values
        bound = values.first.flatMap(Int64.init)
    }

    /// - Throws: what is wrong with the key, the values, or how many there are.
    public init(
        key: String, _ operator: Operator, _ values: [String], at path: FieldPath = .root
    ) throws(InvalidSelector) {
        self.init(unchecked: key, `operator`, values)
        let errors = Self.errors(self, path)
        guard errors.isEmpty else { throw InvalidSelector(errors: errors) }
    }

    private static func errors(_ requirement: LabelRequirement, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        let key = ValueFormat.qualifiedName.check(requirement.key)
        if !key.isEmpty {
            errors.append(
                .invalid(path.child("key"), .string(requirement.key), key.joined(separator: "; ")))
        }
        let path = path.child("values")
        if let problem = requirement.countProblem {
            errors.append(.invalid(path, .array(requirement.values.map { .string($0) }), problem))
        }
        for (index, value) in requirement.values.enumerated() {
            if requirement.isComparison, Int64(value) == nil {
                errors.append(
                    .invalid(
                        path.index(index), .string(value),
                        "for 'Gt', 'Lt' operators, the value must be an integer"))
            }
            let problems = ValueFormat.labelValue.check(value)
            if !problems.isEmpty {
                errors.append(
                    .invalid(
                        path.index(index).key(requirement.key), .string(value),
                        problems.joined(separator: "; ")))
            }
        }
        return errors
    }

    private var isComparison: Bool { self.operator == .greaterThan || self.operator == .lessThan }

    private var countProblem: String? {
        switch self.operator {
        case .in, .notIn:
            values.isEmpty ? "for 'in', 'notin' operators, values set can't be empty" : nil
        case .equals, .doubleEquals, .notEquals:
            values.count == 1 ? nil : "exact-match compatibility requires one single value"
        case .exists, .doesNotExist:
            values.isEmpty ? nil : "values set must be empty for exists and does not exist"
        case .greaterThan, .lessThan:
            values.count == 1
                ? nil : "for 'Gt', 'Lt' operators, exactly one value is required"
        }
    }

    /// Whether an object whose label `key` has this value is selected; nil for no such label.
    public func matches(value: String?) -> Bool {
        switch self.operator {
        case .exists: return value != nil
        case .doesNotExist: return value == nil
        case .equals, .doubleEquals, .in: return value.map(values.contains) ?? false
        case .notEquals, .notIn: return !(value.map(values.contains) ?? false)
        case .greaterThan, .lessThan:
            guard let bound, let number = value.flatMap(Int64.init) else { return false }
            return self.operator == .greaterThan ? number > bound : number < bound
        }
    }

    /// The condition in the selector's grammar.
    public var description: String {
        switch self.operator {
        case .exists: key
        case .doesNotExist: "!\(key)"
        case .equals, .doubleEquals, .notEquals: "\(key)\(self.operator.rawValue)\(values[0])"
        case .greaterThan: "\(key)>\(values[0])"
        case .lessThan: "\(key)<\(values[0])"
        case .in, .notIn: "\(key) \(self.operator.rawValue) (\(values.joined(separator: ",")))"
        }
    }
}

/// Why a selector is refused.
public struct InvalidSelector: Error, Hashable, Sendable {
    public let message: String
    /// What is wrong with which member; empty when the grammar is wrong.
    public let errors: [FieldError]

    init(message: String) {
        self.message = message
        errors = []
    }

    init(errors: [FieldError]) {
        message = APIStatus.aggregated(errors.map(\.description))
        self.errors = errors
    }

    var status: APIStatus { .badRequest(message) }
}

/// A conjunction of requirements on labels. Without any it selects everything.
public struct LabelSelector: Hashable, Sendable, CustomStringConvertible {
    /// Sorted by key.
    public let requirements: [LabelRequirement]
    /// Whether no object at all is selected.
    public let selectsNothing: Bool

    public static let everything = LabelSelector([])
    public static let nothing = LabelSelector([], selectsNothing: true)

    public init(_ requirements: [LabelRequirement]) {
        self.init(requirements, selectsNothing: false)
    }

    private init(_ requirements: [LabelRequirement], selectsNothing: Bool) {
        // A stable sort: requirements on one key stay in order.
        self.requirements = requirements.enumerated()
            .sorted { ($0.element.key, $0.offset) < ($1.element.key, $1.offset) }
            .map(\.element)
        self.selectsNothing = selectsNothing
    }

    public var selectsEverything: Bool { requirements.isEmpty && !selectsNothing }

    /// Whether labels are selected, given how to look one up.
    public func matches(_ value: (String) -> String?) -> Bool {
        if selectsNothing { return false }
        return requirements.allSatisfy { $0.matches(value: value($0.key)) }
    }

    public func matches(_ labels: [String: String]) -> Bool { matches { labels[$0] } }

    public func matches(_ labels: [(key: String, value: String)]) -> Bool {
        matches { key in labels.last { $0.key == key }?.value }
    }

    /// The one value that `key` must have, when the selector says so: what an index can serve.
    public func exactValue(of key: String) -> String? {
        for requirement in requirements where requirement.key == key {
            switch requirement.operator {
            case .equals, .doubleEquals, .in:
                if requirement.values.count == 1 { return requirement.values[0] }
            default: continue
            }
        }
        return nil
    }

    public var description: String {
        requirements.map(\.description).joined(separator: ",")
    }
}

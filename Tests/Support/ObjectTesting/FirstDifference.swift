// Where two large values differ.

import JSON

extension JSONValue {
    /// The first place where this value is another than `expected`, and what is there; `nil` when
    /// they are equal.
    public func firstDifference(from expected: JSONValue?) -> String? {
        guard let expected else { return "found \(self), expected nothing" }
        guard self != expected else { return nil }
        switch (self, expected) {
        case (.object(let found), .object(let wanted)):
            for (name, value) in wanted {
                guard let mine = found[name] else { return ".\(name) is not there: \(value)" }
                if let place = mine.firstDifference(from: value) { return ".\(name)\(place)" }
            }
            for (name, value) in found where wanted[name] == nil {
                return ".\(name) is too much: \(value)"
            }
        case (.array(let found), .array(let wanted)) where found.count == wanted.count:
            for (index, pair) in zip(found, wanted).enumerated() {
                if let place = pair.0.firstDifference(from: pair.1) { return "[\(index)]\(place)" }
            }
        default: break
        }
        return ": found \(self), expected \(expected)"
    }
}

import JSON
import Testing

@testable import CEL

/// Random expressions: those of numbers against Swift's arithmetic, those of tokens for crashes.
@Suite struct PropertyTests {
    private struct Chance {
        var generator = SystemRandomNumberGenerator()

        mutating func pick<Item>(_ items: [Item]) -> Item {
            items[Int.random(in: items.indices, using: &generator)]
        }

        /// An expression of whole numbers and what it evaluates to; `nil` where there is nothing.
        mutating func sum(_ depth: Int) -> (source: String, value: Int64?) {
            guard depth > 0 else {
                let number = Int64.random(in: 0...9, using: &generator)
                return (String(number), number)
            }
            let (left, right) = (sum(depth - 1), sum(depth - 1))
            let symbol = pick(["+", "-", "*", "/", "%"])
            let source = "(\(left.source) \(symbol) \(right.source))"
            guard let first = left.value, let second = right.value else { return (source, nil) }
            switch symbol {
            case "+": return (source, first + second)
            case "-": return (source, first - second)
            case "*": return (source, first * second)
            case "/": return (source, second == 0 ? nil : first / second)
            default: return (source, second == 0 ? nil : first % second)
            }
        }

        /// A condition of truth values, and its value.
        mutating func condition(_ depth: Int) -> (source: String, value: Bool) {
            guard depth > 0 else {
                let bool = Bool.random(using: &generator)
                return (String(bool), bool)
            }
            let (left, right) = (condition(depth - 1), condition(depth - 1))
            switch pick([0, 1, 2, 3]) {
            case 0: return ("(\(left.source) && \(right.source))", left.value && right.value)
            case 1: return ("(\(left.source) || \(right.source))", left.value || right.value)
            case 2: return ("!\(left.source)", !left.value)
            default:
                let last = condition(depth - 1)
                return (
                    "(\(left.source) ? \(right.source) : \(last.source))",
                    left.value ? right.value : last.value
                )
            }
        }
    }

    @Test func `sums are what Swift makes of them`() throws {
        var chance = Chance()
        for _ in 0..<2000 {
            let (source, value) = chance.sum(4)
            let result = try? Sample.evaluate(source)
            #expect(result?.wholeNumber == value, "\(source)")
        }
    }

    @Test func `conditions are what Swift makes of them`() throws {
        var chance = Chance()
        for _ in 0..<2000 {
            let (source, value) = chance.condition(5)
            #expect(try Sample.evaluate(source).bool == value, "\(source)")
        }
    }

    @Test func `no row of tokens crashes, and what compiles can be evaluated`() {
        let tokens = [
            "self", "x", "name", "tags", ".", "?", "(", ")", "[", "]", "{", "}", ",", ":", "+",
            "-", "*", "/", "==", "in", "&&", "||", "!", "1", "2u", "1.5", "'a'", "b'a'", "true",
            "null", "all", "map", "size", "has", "matches", "t", "duration", "timestamp", "ip",
        ]
        var chance = Chance()
        var compiled = 0
        for _ in 0..<20_000 {
            let count = chance.pick(Array(1...12))
            let source = (0..<count).map { _ in chance.pick(tokens) }.joined(separator: " ")
            guard (try? Program(source, in: Sample.environment)) != nil else { continue }
            compiled += 1
            _ = try? Sample.evaluate(source)
        }
        #expect(compiled > 100)
    }

    @Test func `names of members and identifiers go there and back`() {
        for name in ["a", "a-b", "a.b/c", "__x", "namespace", "a__b", "in", "_", "x__dot__y"] {
            let escaped = FieldName.escape(name)
            #expect(escaped.map(FieldName.unescape) == name, "\(name)")
        }
        #expect(FieldName.escape("a b") == nil && FieldName.escape("1a") == nil)
    }
}

import JSON
import Ownership
import SeedTesting

/// The seeds of every run, and one that differs from run to run.
enum Seeds {
    static let all: [UInt64] = [1, 2, 3, UInt64.random(in: 0...UInt64.max)]
}

extension SeededGenerator {
    mutating func step() -> FieldStep {
        let name = ["a", "b", "ä", "c\"d", ""].randomElement(using: &self)!
        switch Int.random(in: 0..<8, using: &self) {
        case 0: return .value(.string(name))
        case 1: return .value([true, 1, 1.5].randomElement(using: &self)!)
        case 2: return .index(Int.random(in: 0..<3, using: &self))
        case 3:
            return .key([
                FieldStep.KeyMember("name", .string(name)),
                FieldStep.KeyMember("port", [80, 443].randomElement(using: &self)!),
            ])
        default: return .field(name)
        }
    }

    mutating func fieldSet() -> FieldSet {
        var set = FieldSet()
        for _ in 0..<Int.random(in: 0..<12, using: &self) {
            var path: [FieldStep] = []
            for _ in 0...Int.random(in: 0..<4, using: &self) { path.append(step()) }
            set.insert(path)
        }
        return set
    }
}

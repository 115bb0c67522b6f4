import SeedTesting
import StorageTesting

@testable import WatchCache

// Objects and selections of which some meet.
extension SeededGenerator {
    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements.randomElement(using: &self)!
    }

    mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &self) < percent
    }

    mutating func pod() -> Sample {
        var labels: [String: String] = [:]
        if chance(70) { labels["app"] = pick(["web", "db", "mail"]) }
        if chance(50) { labels["weight"] = pick(["1", "5", "09", "many"]) }
        var sample = Samples.pod(
            "p\(Int.random(in: 0..<12, using: &self))", namespace: pick(["a", "b", "c"]),
            labels: labels, node: pick(["", "n1", "n2", "n3"]), phase: pick(["Running", "Failed"]))
        sample.filler = String(repeating: "x", count: Int.random(in: 0..<40, using: &self))
        return sample
    }

    mutating func selection() -> Selection {
        var selection = Selection()
        if chance(40) { selection.namespace = pick(["a", "b", "none"]) }
        if chance(15) { selection.name = pick(["p1", "p2"]) }
        if chance(20) { selection.fields.append(FieldRequirement(.name, pick(["p1", "p3"]))) }
        if chance(30) {
            selection.fields.append(
                FieldRequirement(.field(0), pick(["", "n1", "n2"]), isEqual: chance(70)))
        }
        if chance(15) {
            selection.fields.append(FieldRequirement(.field(1), "Running", isEqual: chance(50)))
        }
        if chance(50) {
            selection.labels.append(
                pick([
                    .isIn("app", ["web"]), .isIn("app", ["web", "db"]), .notIn("app", ["web"]),
                    .exists("app"), .absent("app"), .greaterThan("weight", 4),
                    .lessThan("weight", 6),
                ]))
        }
        return selection
    }
}

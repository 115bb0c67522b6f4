// One after the other, all kinds that are built in, each with objects made from its schema.

import APIModel
import JSON
import ObjectTesting
import Schema
import SeedTesting
import Testing

@testable import Resources

/// A kind that a law is tried on.
struct TriedKind {
    let resource: Resource
    /// The schema as the documents have it.
    let documented: UsedSchema
    private var generator: ObjectGenerator
    /// What a failed expectation says: the kind, and the seed that makes the same objects again.
    let place: String

    init(_ resource: Resource, _ seeds: SeededGenerator) {
        self.resource = resource
        documented = UsedSchema(catalog.registry, named: resource.definition.schemaName)
        generator = ObjectGenerator(documented, seeds)
        place = "\(resource.definition.groupVersionKind), seed \(seeds.seed)"
    }

    mutating func object() -> JSONValue {
        generator.object().with {
            $0["kind"] = .string(resource.definition.kind)
            $0["apiVersion"] = .string(resource.definition.groupVersion.description)
        }
    }

    /// An object that has much in common with another one.
    mutating func object(like object: JSONValue) -> JSONValue {
        generator.changed(object)
    }
}

/// Tries a law on `roundCount` generated objects of every kind.
func forEveryKind(
    _ roundCount: Int, _ law: (inout TriedKind) throws -> Void
) rethrows {
    let seeds = SeededGenerator()
    for resource in catalog.resources {
        var kind = TriedKind(resource, seeds)
        for _ in 0..<roundCount { try law(&kind) }
    }
}

/// Expects two objects to be equal, and says where they are not.
func expectSame(
    _ found: JSONValue?, _ expected: JSONValue?, _ place: String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    guard found != expected else { return }
    let difference = (found ?? .null).firstDifference(from: expected) ?? "nothing was found"
    Issue.record("\(difference) (\(place))", sourceLocation: sourceLocation)
}

import Buffers
import JSON
import ObjectTesting
import Resources
import Schema
import SeedTesting
import Testing

@testable import APIServer

/// What holds for the YAML of every kind.
@Suite struct `YAML of every kind` {
    private static let roundCount = 6

    @Test func `what was written is what is read`() throws {
        let catalog = try Catalog.builtIn()
        let seeds = SeededGenerator()
        for resource in catalog.resources {
            let name = resource.definition.schemaName
            var generator = ObjectGenerator(UsedSchema(catalog.registry, named: name), seeds)
            for _ in 0..<Self.roundCount {
                let object = generator.object()
                let text = try YAMLEncoder.encode(object.bytes)
                let read = try YAMLDecoder.decode(text, as: resource.definition.kind)
                let difference = read.value.firstDifference(from: object)
                #expect(difference == nil, "\(name), seed \(seeds.seed)")
                #expect(read.duplicates == [], "\(name), seed \(seeds.seed)")
            }
        }
    }
}

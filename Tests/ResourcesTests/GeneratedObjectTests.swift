import APIModel
import JSON
import Schema
import SeedTesting
import Testing

@testable import Resources

/// What holds for every object of every kind.
@Suite struct `For generated objects of every kind` {
    private static let roundCount = 40

    private func check(_ body: (Resource, JSONValue, UInt64) throws -> Void) throws {
        let seeds = SeededGenerator()
        for resource in catalog.resources {
            var generator = ObjectGenerator(catalog.registry, seeds)
            for _ in 0..<Self.roundCount {
                let object = generator.object(of: resource.definition.schemaName)
                try body(resource, object, seeds.seed)
            }
        }
    }

    @Test func `decoding what was encoded gives the same object`() throws {
        try check { resource, object, seed in
            let name = "\(resource.definition.groupVersionKind), seed \(seed)"
            var read = try JSONValue(parsing: object.bytes)
            try resource.schema.decode(&read)
            #expect(resource.schema.prune(&read) == [], "\(name)")
            #expect(read == object, "\(name)")
        }
    }

    @Test func `defaults of what has its defaults change nothing`() throws {
        try check { resource, object, seed in
            var once = object
            resource.applyDefaults(to: &once)
            var twice = once
            resource.applyDefaults(to: &twice)
            #expect(once == twice, "\(resource.definition.groupVersionKind), seed \(seed)")
        }
    }

    @Test func `an object that goes to the stored version and back says the same`() throws {
        try check { resource, object, seed in
            guard let conversion = resource.conversion else { return }
            let name = "\(resource.definition.groupVersionKind), seed \(seed)"
            let stored = conversion.stored(object)
            let served = conversion.served(stored)
            #expect(conversion.stored(served) == stored, "\(name)")
            #expect(served[path: "metadata", "name"] == object[path: "metadata", "name"], "\(name)")
            var checked = stored
            let storage = catalog.resource(conversion.storage.groupVersionResource)
            try storage?.schema.decode(&checked)
            #expect(storage?.schema.prune(&checked) == [], "\(name)")
        }
    }

    @Test func `stored objects are read in every version, and written back`() throws {
        let seeds = SeededGenerator()
        for resource in catalog.convertedResources {
            let conversion = try #require(resource.conversion)
            var generator = ObjectGenerator(catalog.registry, seeds)
            for _ in 0..<Self.roundCount {
                let stored = generator.object(of: conversion.storage.schemaName)
                let served = conversion.served(stored)
                let name = "\(resource.definition.groupVersionKind), seed \(seeds.seed)"
                #expect(conversion.served(conversion.stored(served)) == served, "\(name)")
                var checked = served
                try resource.schema.decode(&checked)
                #expect(resource.schema.prune(&checked) == [], "\(name)")
            }
        }
    }

    /// Strategic merge and server-side apply find entries by these.
    @Test func `the keys of lists are members of their elements`() throws {
        var count = 0
        for name in catalog.registry.schemaNames {
            let properties = catalog.registry.source(named: name)?["properties"]?.object ?? [:]
            for (property, schema) in properties {
                let keys = (schema["x-kubernetes-list-map-keys"]?.array ?? []).compactMap(\.string)
                guard !keys.isEmpty, let reference = schema[path: "items", "$ref"]?.string,
                    let target = reference.split(separator: "/").last
                else { continue }
                let element = catalog.registry.source(named: String(target))
                for key in keys {
                    #expect(element?[path: "properties", key] != nil, "\(name).\(property)")
                }
                count += 1
            }
        }
        #expect(count > 40)
    }
}

import APIModel
import Buffers
import JSON
import ObjectTesting
import Schema
import SeedTesting
import Testing

@testable import Resources

/// What holds for every object of every kind.
@Suite struct `For generated objects of every kind` {
    private static let roundCount = 20

    @Test func `decoding what was encoded gives the same object`() throws {
        try forEveryKind(Self.roundCount) { kind in
            let object = kind.object()
            var read = try JSONValue(parsing: object.bytes)
            try kind.resource.schema.decode(&read)
            #expect(kind.resource.schema.prune(&read) == [], "\(kind.place)")
            expectSame(read, object, kind.place)
        }
    }

    @Test func `what Go's clients write as protobuf is the object that they mean`() throws {
        var count = 0
        try forEveryKind(Self.roundCount) { kind in
            guard kind.resource.schema.hasProtobufForm else { return }
            let object = kind.object()
            let message = ProtobufEncoder.encode(object, kind.documented)
            var read = try catalog.registry.decodeProtobuf(
                Bytes(message.bytes), expecting: kind.resource.definition.groupVersionKind)
            expectSame(read, message.meant, kind.place)
            try kind.resource.schema.decode(&read)
            expectSame(read, message.meant, kind.place)
            count += 1
        }
        #expect(count > 60 * Self.roundCount)
    }

    @Test func `defaults of what has its defaults change nothing`() throws {
        forEveryKind(Self.roundCount) { kind in
            var once = kind.object()
            kind.resource.applyDefaults(to: &once)
            var twice = once
            kind.resource.applyDefaults(to: &twice)
            expectSame(once, twice, kind.place)
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

/// Kinds that are served in several versions.
@Suite struct `Between versions` {
    private static let roundCount = 100

    private func check(_ law: (Conversion, inout TriedKind, inout TriedKind) throws -> Void) throws
    {
        let seeds = SeededGenerator()
        for resource in catalog.convertedResources {
            let conversion = try #require(resource.conversion)
            var kind = TriedKind(resource, seeds)
            var stored = TriedKind(
                try #require(catalog.resource(conversion.storage.groupVersionResource)), seeds)
            for _ in 0..<Self.roundCount { try law(conversion, &kind, &stored) }
        }
    }

    private func checkFits(_ object: JSONValue, _ kind: TriedKind) throws {
        var object = object
        try kind.resource.schema.decode(&object)
        #expect(kind.resource.schema.prune(&object) == [], "\(kind.place)")
    }

    @Test func `an object that goes to the stored version and back is the same`() throws {
        try check { conversion, kind, storage in
            let object = kind.object()
            let stored = conversion.stored(object)
            let served = conversion.served(stored)
            expectSame(served, object, kind.place)
            expectSame(conversion.stored(served), stored, kind.place)
            try checkFits(stored, storage)
        }
    }

    @Test func `stored objects are read in every version, and written back the same`() throws {
        try check { conversion, kind, storage in
            let stored = storage.object()
            let served = conversion.served(stored)
            let back = conversion.stored(served)
            // Version 1 of an autoscaler always has this number.
            let expected =
                kind.resource.definition.kind == "HorizontalPodAutoscaler"
                ? stored.with { $0["status"]?.fill("currentReplicas", 0) } : stored
            expectSame(back, expected, kind.place)
            expectSame(conversion.served(back), served, kind.place)
            try checkFits(served, kind)
        }
    }
}

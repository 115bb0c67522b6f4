// Objects, a clock and chance for the tests of this module.

import APIModel
import Buffers
import JSON
import Schema
import Synchronization
import Testing

@testable import Resources

/// The built-in kinds, read once.
let catalog: Catalog = {
    do {
        return try Catalog.builtIn()
    } catch {
        fatalError("\(error)")
    }
}()

let noon = Timestamp("2026-01-01T12:00:00Z")!

/// Gives out `numbers` one after the other, moved into the range that is asked for, and then counts
/// on.
func context(drawing numbers: [UInt32] = []) -> StrategyContext {
    let next = Mutex(0)
    return StrategyContext(now: noon) { range in
        let index = next.withLock { value in
            defer { value += 1 }
            return value
        }
        if index < numbers.count { return numbers[index] }
        return range.lowerBound + UInt32(index) % UInt32(range.count)
    }
}

func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: Bytes(text)) }

/// A kind and what a write of one of its objects goes through.
struct Kind {
    let resource: Resource

    init(resource: Resource) { self.resource = resource }

    /// - Parameter stored: the version in which objects are stored, of a kind that has several.
    init(_ name: String, stored: Bool = true) throws {
        resource = try #require(
            catalog.resources.first {
                $0.definition.kind == name && ($0.conversion == nil) == stored
            })
    }

    func decoded(_ object: JSONValue) throws -> JSONValue {
        var object = object
        try resource.schema.decode(&object)
        #expect(resource.schema.prune(&object) == [])
        resource.applyDefaults(to: &object)
        return object
    }

    func created(
        _ object: JSONValue, _ context: StrategyContext = context()
    ) throws -> JSONValue {
        var object = try decoded(object)
        resource.dropStatus(&object)
        if resource.definition.hasGeneration { object["metadata"]?["generation"] = 1 }
        resource.strategy.prepareForCreate(&object, context)
        return object
    }

    func updated(
        _ object: JSONValue, from old: JSONValue, _ context: StrategyContext = context()
    ) throws -> JSONValue {
        var object = try decoded(object)
        resource.keepStatus(&object, from: old)
        resource.strategy.prepareForUpdate(&object, from: old, context)
        resource.raiseGeneration(&object, from: old)
        return object
    }

    /// What is wrong with a new object, schema and strategy together.
    func errors(_ object: JSONValue) throws -> [String] {
        let object = try created(object)
        let errors =
            resource.schema.validate(object) + resource.strategy.validate(object)
            + resource.strategy.validateCreate(object)
        return errors.map(\.description)
    }

    /// What is wrong with changing the created form of `old` by `change`.
    func updateErrors(
        _ old: JSONValue, _ change: (inout JSONValue) -> Void
    ) throws -> [String] {
        let old = try created(old)
        var object = old
        change(&object)
        object = try updated(object, from: old)
        let errors =
            resource.schema.validateImmutable(old: old, new: object)
            + resource.schema.validate(object) + resource.strategy.validate(object)
            + resource.strategy.validateUpdate(object, from: old)
        return errors.map(\.description)
    }

    func cell(_ column: String, of object: JSONValue, now: Timestamp = noon) throws -> JSONValue {
        let names = resource.definition.columns.map(\.name)
        let index = try #require(names.firstIndex(of: column))
        return resource.cells(of: object, now: now)[index]
    }
}

extension JSONValue {
    /// This value with some members of an object changed.
    func with(_ change: (inout JSONValue) -> Void) -> JSONValue {
        var copy = self
        change(&copy)
        return copy
    }
}

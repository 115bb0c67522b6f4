// A version that has no rules of its own: those of the stored version hold.

import APIModel
import JSON
import Schema

/// Asks the strategy of the stored version about the object as it would be stored. What that
/// version's schema forbids is forbidden here too.
struct ConvertedStrategy: Strategy {
    let conversion: Conversion
    let schema: ObjectSchema
    let storage: Resource

    private var base: any Strategy { storage.strategy }

    /// Changes the object in its stored form.
    private func change(_ object: inout JSONValue, _ body: (inout JSONValue) -> Void) {
        var stored = conversion.stored(object)
        body(&stored)
        object = conversion.served(stored)
    }

    func applyDefaults(to object: inout JSONValue) {
        change(&object) { storage.applyDefaults(to: &$0) }
    }

    func prepareForCreate(_ object: inout JSONValue, _ context: StrategyContext) {
        change(&object) { base.prepareForCreate(&$0, context) }
    }

    func prepareForUpdate(
        _ object: inout JSONValue, from old: JSONValue, _ context: StrategyContext
    ) {
        change(&object) {
            base.prepareForUpdate(&$0, from: conversion.stored(old), context)
        }
    }

    func prepareForStatusUpdate(
        _ object: inout JSONValue, from old: JSONValue, _ context: StrategyContext
    ) {
        change(&object) {
            base.prepareForStatusUpdate(&$0, from: conversion.stored(old), context)
        }
    }

    func prepare(
        _ object: inout JSONValue, forSubresource name: String, from old: JSONValue,
        _ context: StrategyContext
    ) {
        change(&object) {
            base.prepare(&$0, forSubresource: name, from: conversion.stored(old), context)
        }
    }

    func validate(
        _ object: JSONValue, forSubresource name: String, from old: JSONValue
    ) -> [FieldError] {
        base.validate(
            conversion.stored(object), forSubresource: name, from: conversion.stored(old))
    }

    func validate(_ object: JSONValue) -> [FieldError] {
        let stored = conversion.stored(object)
        // The caller has looked at this version's schema already.
        let known = Set(schema.validate(object))
        return (storage.schema.validate(stored) + base.validate(stored)).filter {
            !known.contains($0)
        }
    }

    func validateCreate(_ object: JSONValue) -> [FieldError] {
        base.validateCreate(conversion.stored(object))
    }

    func validateUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError] {
        let (stored, before) = (conversion.stored(object), conversion.stored(old))
        return storage.schema.validateImmutable(old: before, new: stored)
            + base.validateUpdate(stored, from: before)
    }

    func validateStatusUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError] {
        base.validateStatusUpdate(conversion.stored(object), from: conversion.stored(old))
    }

    func claims(of object: JSONValue, sent: JSONValue) -> [Claim] {
        base.claims(of: conversion.stored(object), sent: conversion.stored(sent))
    }

    func deletion(of object: JSONValue, gracePeriodSeconds: Int64?) -> Deletion {
        base.deletion(of: conversion.stored(object), gracePeriodSeconds: gracePeriodSeconds)
    }

    func mayEnd(_ object: JSONValue) -> Bool { base.mayEnd(conversion.stored(object)) }

    func prepareForDeletion(_ object: inout JSONValue) {
        change(&object) { base.prepareForDeletion(&$0) }
    }

    func refusalToDelete(_ object: JSONValue) -> String? {
        base.refusalToDelete(conversion.stored(object))
    }

    var createsOnUpdate: Bool { base.createsOnUpdate }
    var allowsUnconditionalUpdate: Bool { base.allowsUnconditionalUpdate }
    var statusUpdateKeepsMetadata: Bool { base.statusUpdateKeepsMetadata }
    var deletionAnswersWithObject: Bool { base.deletionAnswersWithObject }
    var keepsStatusOnCreate: Bool { base.keepsStatusOnCreate }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        base.cell(name, of: conversion.stored(object), now: now)
    }
}

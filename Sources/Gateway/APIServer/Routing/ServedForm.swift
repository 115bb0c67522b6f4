// What the answers of an endpoint show of the objects in the cache.

import APIModel
import Buffers
import JSON
import Resources
import Schema
import WatchCache

/// The form of an endpoint's objects. The cache has encoded them in the version in which they are
/// stored: there, nothing is decoded to serve a read. In another version an object is decoded,
/// converted and encoded each time that it is shown, and a watch does so once for all its watchers.
struct ServedForm: Sendable {
    /// `{"kind":"Pod","apiVersion":"v1",` — what stands before an object's own bytes.
    let objectPrefix: Bytes
    /// The same for objects as they are stored.
    let storedPrefix: Bytes
    let conversion: Conversion?
    /// Whether objects are shown with the bytes that are stored: the versions differ in their name
    /// alone.
    let hasSameBodies: Bool

    init(of resource: Resource) {
        conversion = resource.conversion
        objectPrefix = Self.prefix(of: resource.definition)
        hasSameBodies = conversion?.changesOnlyNames ?? true
        storedPrefix = Self.prefix(of: conversion?.storage ?? resource.definition)
    }

    /// The object's own bytes, from `"metadata":{"resourceVersion":` to its last brace.
    func body(of object: CachedObject) -> Bytes {
        guard let conversion, !hasSameBodies else { return object.body }
        return Self.body(of: object, conversion, storedPrefix)
    }

    /// How many bytes that is; `nil` when only converting tells.
    func bodyByteCount(of object: CachedObject) -> Int? {
        hasSameBodies ? object.body.count : nil
    }

    /// The whole object as it is stored.
    func stored(_ object: CachedObject) -> Bytes { Self.joined(storedPrefix, object.body) }

    /// The whole object from its body.
    func whole(_ body: Bytes) -> Bytes { Self.joined(objectPrefix, body) }

    static func prefix(of definition: ResourceDefinition) -> Bytes {
        Bytes(#"{"kind":"\#(definition.kind)","apiVersion":"\#(definition.groupVersion)","#)
    }

    private static func joined(_ prefix: Bytes, _ body: Bytes) -> Bytes {
        var buffer = ByteBuffer(reserving: prefix.count + body.count)
        buffer.append(prefix)
        buffer.append(body)
        return buffer.freeze()
    }

    private static func body(
        of object: CachedObject, _ conversion: Conversion, _ prefix: Bytes
    ) -> Bytes {
        guard let stored = try? JSONValue(parsing: joined(prefix, object.body)) else {
            preconditionFailure("the cache holds \(object.key), which is no JSON")
        }
        let served = conversion.served(stored)
        var buffer = ByteBuffer(reserving: object.body.count + 256)
        buffer.append(literal: "\"metadata\":")
        (served["metadata"] ?? [:]).write(into: &buffer)
        for (name, value) in served.object ?? [:]
        where name != "kind" && name != "apiVersion" && name != "metadata" {
            buffer.append(furtherMember: name, value)
        }
        buffer.append(0x7d)
        return buffer.freeze()
    }
}

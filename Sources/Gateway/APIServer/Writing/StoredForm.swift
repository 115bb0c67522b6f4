// Between an object as clients see it and the bytes that the store keeps of it.

import APIModel
import Buffers
import JSON
import Resources
import Storage
import WatchCache

/// An object that was read in order to change it.
struct CurrentObject {
    let key: Key
    let revision: Revision
    /// As clients see it, with kind, apiVersion and metadata.resourceVersion, but without
    /// metadata.managedFields.
    let value: JSONValue
    /// The managedFields as they are kept; empty when there are none.
    let managedFields: Bytes

    /// The object with its managedFields, for whoever wants to change these.
    var whole: JSONValue {
        guard let managed = try? JSONValue(parsing: managedFields) else { return value }
        var object = value
        object.setMetadata("managedFields", managed)
        return object
    }
}

extension CurrentObject {
    /// `value` in the place of this one, with the same owners.
    func becoming(_ value: JSONValue) -> OwnedObject {
        OwnedObject(value: value, managedFields: managedFields)
    }
}

/// An object and who owns its fields.
struct OwnedObject: Sendable {
    /// Without metadata.managedFields.
    var value: JSONValue
    /// A compact JSON array; empty when nobody owns anything.
    var managedFields: Bytes
}

/// How objects are kept: compact JSON that begins with the endpoint's `storedPrefix` and
/// `"metadata":{`, without a resourceVersion. The cache puts the revision in, which is known only
/// after the commit. An endpoint of another version than the stored one converts on both ways. The
/// managedFields come last in the metadata: they are large, and most writes need not read them.
struct StoredForm {
    let endpoint: ResourceEndpoint

    /// The bytes to store of an object whose fields nobody owns.
    /// - Precondition: as for those of an `OwnedObject`.
    func encode(_ object: JSONValue) -> Bytes {
        encode(OwnedObject(value: object, managedFields: .empty))
    }

    /// The bytes to store.
    /// - Precondition: `object` is an object with an object as its metadata, which has a name.
    func encode(_ object: OwnedObject) -> Bytes {
        let form = endpoint.form
        guard let conversion = form.conversion else {
            return Self.encode(object, behind: form.storedPrefix)
        }
        return Self.encode(
            OwnedObject(
                value: conversion.stored(object.value), managedFields: object.managedFields),
            behind: form.storedPrefix)
    }

    /// An object as it is kept in the version of which `prefix` is the beginning.
    /// - Precondition: as for `encode`.
    static func encode(_ object: OwnedObject, behind prefix: Bytes) -> Bytes {
        guard let members = object.value.object, var metadata = members["metadata"]?.object else {
            preconditionFailure("an object without metadata reached the store")
        }
        metadata.removeValue(forKey: "resourceVersion")
        metadata.removeValue(forKey: "managedFields")
        var buffer = ByteBuffer(reserving: 1024 + object.managedFields.count)
        buffer.append(prefix)
        buffer.append(literal: "\"metadata\":")
        JSONValue.object(metadata).write(into: &buffer)
        if !object.managedFields.isEmpty {
            buffer.truncate(to: buffer.count - 1)
            buffer.append(Self.managedFieldsStart)
            buffer.append(object.managedFields)
            buffer.append(0x7d)
        }
        for (name, value) in members where !Self.leading.contains(name) {
            buffer.append(furtherMember: name, value)
        }
        buffer.append(0x7d)
        return buffer.freeze()
    }

    /// What a client sees of `object`: the same with its resourceVersion, when it has one.
    func represent(_ object: OwnedObject) -> Bytes {
        let encoded = Self.encode(object, behind: endpoint.objectPrefix)
        guard let revision = object.value[path: "metadata", "resourceVersion"]?.string else {
            return encoded
        }
        let start = endpoint.objectPrefix.count + Self.metadataStart.count
        var buffer = ByteBuffer(reserving: encoded.count + 48)
        buffer.append(encoded[0..<start])
        buffer.append(literal: "\"resourceVersion\":")
        buffer.append(jsonString: revision)
        if encoded[start] != 0x7d { buffer.append(0x2c) }
        buffer.append(encoded.dropFirst(start))
        return buffer.freeze()
    }

    func decode(_ item: Item) throws(APIStatus) -> CurrentObject {
        try decode(item.key, item.value, item.revision)
    }

    func decode(_ object: CachedObject) throws(APIStatus) -> CurrentObject {
        try decode(object.key, endpoint.form.stored(object), object.revision)
    }

    private func decode(
        _ key: Key, _ bytes: Bytes, _ revision: Revision
    ) throws(APIStatus) -> CurrentObject {
        do {
            let (rest, managedFields) = Self.apart(bytes)
            var value = try JSONValue(parsing: rest)
            value.setMetadata("resourceVersion", .string(revision.description))
            let served = endpoint.form.conversion?.served(value) ?? value
            return CurrentObject(
                key: key, revision: revision, value: served, managedFields: managedFields)
        } catch {
            throw .internalError("the stored object \(key) cannot be read: \(error)")
        }
    }

    /// The object without its managedFields, and these.
    static func apart(_ bytes: Bytes) -> (rest: Bytes, managedFields: Bytes) {
        guard let managedFields = managedFieldsPath.extract(from: bytes)[0]?.raw,
            let start = bytes.offset(ofSlice: managedFields)
        else { return (bytes, .empty) }
        let nameStart = start - managedFieldsStart.count
        precondition(
            bytes[nameStart..<start] == managedFieldsStart,
            "managedFields that encode() did not write")
        var buffer = ByteBuffer(reserving: bytes.count - managedFields.count)
        buffer.append(bytes[0..<nameStart])
        buffer.append(bytes.dropFirst(start + managedFields.count))
        return (buffer.freeze(), managedFields)
    }

    private static let managedFieldsPath = JSONExtractor(paths: [["metadata", "managedFields"]])
    private static let managedFieldsStart: Bytes = ",\"managedFields\":"
    private static let metadataStart: Bytes = "\"metadata\":{"
    private static let leading: Set<String> = ["kind", "apiVersion", "metadata"]
}

extension ByteBuffer {
    /// Writes a comma and a member of a JSON object that has others before it.
    mutating func append(furtherMember name: String, _ value: JSONValue) {
        append(0x2c)
        append(jsonString: name)
        append(0x3a)
        value.write(into: &self)
    }
}

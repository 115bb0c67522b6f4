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
    /// As clients see it: with kind, apiVersion and metadata.resourceVersion.
    let value: JSONValue
}

/// How objects are kept: compact JSON that begins with the endpoint's `storedPrefix` and
/// `"metadata":{`, without a resourceVersion. The cache puts the revision in, which is known only
/// after the commit. An endpoint of another version than the stored one converts on both ways.
struct StoredForm {
    let endpoint: ResourceEndpoint

    /// The bytes to store.
    /// - Precondition: `object` is an object with an object as its metadata.
    func encode(_ object: JSONValue) -> Bytes {
        let form = endpoint.form
        return encode(form.conversion?.stored(object) ?? object, behind: form.storedPrefix)
    }

    private func encode(_ object: JSONValue, behind prefix: Bytes) -> Bytes {
        guard let members = object.object, var metadata = members["metadata"]?.object else {
            preconditionFailure("an object without metadata reached the store")
        }
        metadata.removeValue(forKey: "resourceVersion")
        var buffer = ByteBuffer(reserving: 1024)
        buffer.append(prefix)
        buffer.append(literal: "\"metadata\":")
        JSONValue.object(metadata).write(into: &buffer)
        for (name, value) in members where !Self.leading.contains(name) {
            buffer.append(0x2c)
            buffer.append(jsonString: name)
            buffer.append(0x3a)
            value.write(into: &buffer)
        }
        buffer.append(0x7d)
        return buffer.freeze()
    }

    /// What a client sees of `object`: the same with its resourceVersion, when it has one.
    func represent(_ object: JSONValue) -> Bytes {
        let encoded = encode(object, behind: endpoint.objectPrefix)
        guard let revision = object[path: "metadata", "resourceVersion"]?.string else {
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
            var value = try JSONValue(parsing: bytes)
            var metadata = value["metadata"] ?? .object(JSONObject())
            metadata["resourceVersion"] = .string(revision.description)
            value["metadata"] = metadata
            let served = endpoint.form.conversion?.served(value) ?? value
            return CurrentObject(key: key, revision: revision, value: served)
        } catch {
            throw .internalError("the stored object \(key) cannot be read: \(error)")
        }
    }

    private static let metadataStart: Bytes = "\"metadata\":{"
    private static let leading: Set<String> = ["kind", "apiVersion", "metadata"]
}

import APIModel
import Buffers
import JSON

/// What Kubernetes puts around each object that it writes as protobuf: four bytes that tell it from
/// everything else, and a message (`runtime.Unknown`) that names the kind.
struct ProtobufEnvelope {
    static let mark: [UInt8] = [0x6B, 0x38, 0x73, 0x00]
    static let mediaType = "application/vnd.kubernetes.protobuf"

    private(set) var apiVersion = ""
    private(set) var kind = ""
    /// Inside of the object's own message; `nil` when there is none.
    private(set) var object: ProtobufReader?

    init(_ bytes: UnsafeRawBufferPointer) throws(ProtobufError) {
        guard bytes.starts(with: Self.mark) else {
            throw ProtobufError(offset: 0, reason: "the mark of a Kubernetes message is missing")
        }
        var reader = ProtobufReader(bytes, from: Self.mark.count)
        while !reader.isAtEnd {
            let tag = try reader.tag()
            switch tag.number {
            case 1: try readType(&reader, tag)
            case 2:
                var inner = reader
                _ = try inner.enter(tag)
                object = inner
                try reader.skip(tag)
            case 3: try require(["", "identity"], "content encoding", &reader, tag)
            case 4: try require(["", Self.mediaType], "content type", &reader, tag)
            default: try reader.skip(tag)
            }
        }
    }

    private func require(
        _ known: [String], _ what: String, _ reader: inout ProtobufReader, _ tag: ProtobufReader.Tag
    ) throws(ProtobufError) {
        let text = try reader.text(tag)
        guard known.contains(text) else {
            throw reader.error("the \(what) \(text.quoted) is not read")
        }
    }

    private mutating func readType(
        _ reader: inout ProtobufReader, _ tag: ProtobufReader.Tag
    ) throws(ProtobufError) {
        let outerEnd = try reader.enter(tag)
        while !reader.isAtEnd {
            let field = try reader.tag()
            switch field.number {
            case 1: apiVersion = try reader.text(field)
            case 2: kind = try reader.text(field)
            default: try reader.skip(field)
            }
        }
        reader.leave(to: outerEnd)
    }
}

extension SchemaRegistry {
    /// Reads an object that a Kubernetes client wrote as protobuf, in its envelope, as the JSON
    /// that the same client would have sent: `ObjectSchema.decode` has yet to check it. Fields
    /// that the kind's schema does not know are left out.
    /// - Parameter expected: the kind of an object that names none.
    /// - Throws: `ProtobufError` for bytes that are no such object, and for a kind that is not
    ///   known.
    public func decodeProtobuf(
        _ bytes: Bytes, expecting expected: GroupVersionKind
    ) throws(ProtobufError) -> JSONValue {
        try bytes.withUnsafeBytes { buffer throws(ProtobufError) in
            let envelope = try ProtobufEnvelope(buffer)
            let kind = envelope.kind.isEmpty ? expected.kind : envelope.kind
            let apiVersion =
                envelope.apiVersion.isEmpty
                ? expected.groupVersion.description : envelope.apiVersion
            let schema = try protobufSchema(kind, apiVersion, expected)
            var members = ProtobufMembers(reserving: schema.node.properties.count)
            members.append("kind", .string(kind))
            members.append("apiVersion", .string(apiVersion))
            if let reader = envelope.object {
                var walk = ProtobufWalk(reader)
                try walk.fields(schema.node.protobuf, into: &members)
            }
            return members.object
        }
    }

    /// Another version of the expected kind is read like it: who wanted it says what is wrong.
    private func protobufSchema(
        _ kind: String, _ apiVersion: String, _ expected: GroupVersionKind
    ) throws(ProtobufError) -> ObjectSchema {
        let stated = GroupVersion(apiVersion)?.kind(kind)
        if let schema = stated.flatMap(schema(for:)) { return schema }
        if kind == expected.kind, let schema = schema(for: expected) { return schema }
        throw ProtobufError(
            offset: ProtobufEnvelope.mark.count,
            reason: "no kind \(kind.quoted) is known in version \(apiVersion.quoted)")
    }
}

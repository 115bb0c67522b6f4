// The fields of one manager: an entry of `metadata.managedFields`.

import APIModel
import Buffers
import JSON

/// What one manager owns of an object, and since when.
public struct OwnedFields: Sendable {
    /// A set as it was written, read only when somebody asks for it.
    private enum Content: Sendable {
        case written(Bytes)
        case set(FieldSet)
    }

    public var owner: FieldOwner
    /// The last write that made the owner own something, in whole seconds.
    public var time: Timestamp?
    private var content: Content

    public init(_ owner: FieldOwner, _ set: FieldSet, time: Timestamp?) {
        self.owner = owner
        self.time = time
        content = .set(set)
    }

    /// The fields.
    public var set: FieldSet {
        get {
            switch content {
            case .written(let bytes): (try? FieldSet(fields: bytes)) ?? FieldSet()
            case .set(let set): set
            }
        }
        set { content = .set(newValue) }
    }

    /// Whether it is known, without reading anything, that there are no fields.
    var isEmpty: Bool {
        switch content {
        case .written(let bytes): bytes == "{}"
        case .set(let set): set.isEmpty
        }
    }

    /// Appends the entry as compact JSON.
    func write(into buffer: inout ByteBuffer) {
        buffer.append(UInt8(ascii: "{"))
        if !owner.name.isEmpty {
            buffer.append(literal: "\"manager\":")
            buffer.append(jsonString: owner.name)
            buffer.append(UInt8(ascii: ","))
        }
        buffer.append(literal: "\"operation\":")
        buffer.append(jsonString: owner.operation.rawValue)
        buffer.append(literal: ",\"apiVersion\":")
        buffer.append(jsonString: owner.apiVersion)
        if let time {
            buffer.append(literal: ",\"time\":\"")
            buffer.append(utf8: time.description)
            buffer.append(UInt8(ascii: "\""))
        }
        buffer.append(literal: ",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":")
        switch content {
        case .written(let bytes): buffer.append(bytes)
        case .set(let set): set.write(into: &buffer)
        }
        if !owner.subresource.isEmpty {
            buffer.append(literal: ",\"subresource\":")
            buffer.append(jsonString: owner.subresource)
        }
        buffer.append(UInt8(ascii: "}"))
    }
}

extension OwnedFields {
    /// Where the members of an entry are found in its bytes.
    private static let extractor = JSONExtractor(paths: [
        ["manager"], ["operation"], ["apiVersion"], ["time"], ["fieldsType"], ["fieldsV1"],
        ["subresource"],
    ])

    /// Reads an entry; its set is read when it is asked for.
    /// - Parameter entry: compact JSON, as `JSONValue.write` makes it.
    /// - Throws: `FieldsError` for an entry of no known operation, version or type of fields.
    init(written entry: Bytes) throws(FieldsError) {
        let found = Self.extractor.extract(from: entry)
        func text(_ index: Int) -> String { found[index]?.string ?? "" }
        guard let operation = FieldOwner.Operation(rawValue: text(1)) else {
            throw FieldsError("the operation must be Apply or Update, and is \(text(1).quoted)")
        }
        guard !text(2).isEmpty else { throw FieldsError("the apiVersion must not be empty") }
        guard text(4) == "FieldsV1" else {
            throw FieldsError("the fieldsType must be FieldsV1, and is \(text(4).quoted)")
        }
        owner = FieldOwner(text(0), operation, apiVersion: text(2), subresource: text(6))
        time = found[3]?.string.flatMap(Timestamp.init)
        content = .written(found[5].map(\.raw) ?? "{}")
    }

    /// Reads the set now.
    /// - Throws: `FieldsError` that names the member that is no step.
    func check() throws(FieldsError) {
        if case .written(let bytes) = content { _ = try FieldSet(fields: bytes) }
    }
}

// Sets of fields as JSON (`FieldsV1`): each step is a member, `.` says that the path so far is in
// the set, and a path with nothing below it is an empty object.

import Buffers
import JSON

/// Why something is no set of fields.
public struct FieldsError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

extension FieldSet {
    /// Appends the set as compact JSON.
    public func write(into buffer: inout ByteBuffer) {
        buffer.append(UInt8(ascii: "{"))
        write(entriesInto: &buffer, isFirst: true)
        buffer.append(UInt8(ascii: "}"))
    }

    private func write(entriesInto buffer: inout ByteBuffer, isFirst: Bool) {
        var isFirst = isFirst
        for entry in entries {
            if !isFirst { buffer.append(UInt8(ascii: ",")) }
            isFirst = false
            entry.step.write(into: &buffer)
            buffer.append(literal: ":{")
            if !entry.below.isEmpty {
                if entry.isMember { buffer.append(literal: "\".\":{}") }
                entry.below.write(entriesInto: &buffer, isFirst: !entry.isMember)
            }
            buffer.append(UInt8(ascii: "}"))
        }
    }

    /// The set as compact JSON.
    public var bytes: Bytes {
        var buffer = ByteBuffer(reserving: 512)
        write(into: &buffer)
        return buffer.freeze()
    }

    /// Reads a set.
    /// - Parameter fields: a valid JSON document.
    /// - Throws: `FieldsError` that names the member that is no step.
    public init(fields: Bytes) throws(FieldsError) {
        self = try fields.withUnsafeBytes { buffer throws(FieldsError) in
            var reader = FieldsReader(buffer)
            return try reader.read().below
        }
    }
}

/// Reads `FieldsV1` without building values.
private struct FieldsReader {
    private let bytes: UnsafeRawBufferPointer
    private var scanner: JSONScanner

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        scanner = JSONScanner(bytes)
    }

    /// The object that comes next, and whether it says that the path so far is in the set.
    mutating func read() throws(FieldsError) -> (isMember: Bool, below: FieldSet) {
        guard scanner.enterObject() else {
            throw FieldsError("an object was expected at byte \(scanner.position)")
        }
        var entries: [FieldSet.Entry] = []
        var isMember = false
        var isSorted = true
        while let name = scanner.nextMember() {
            if name.count == 1, bytes[name.lowerBound] == UInt8(ascii: ".") {
                isMember = true
                scanner.skipValue()
                continue
            }
            let step = try FieldStep(spelled: bytes, name)
            let inside = try read()
            if let last = entries.last, !(last.step < step) { isSorted = false }
            // A path with nothing below it is one, though no dot says so.
            entries.append(
                FieldSet.Entry(
                    step, isMember: inside.isMember || inside.below.isEmpty, below: inside.below))
        }
        return (isMember, isSorted ? FieldSet(sorted: entries) : FieldSet(entries))
    }
}

extension FieldStep {
    /// Appends the step as the name of a JSON member, quotation marks included.
    func write(into buffer: inout ByteBuffer) {
        switch self {
        case .field(let name): buffer.append(jsonString: name, after: "f:")
        case .key(let members):
            var key = JSONObject(reserving: members.count)
            for member in members { key[member.name] = member.value }
            buffer.append(jsonString: JSONValue.object(key).description, after: "k:")
        case .value(let value): buffer.append(jsonString: value.description, after: "v:")
        case .index(let index): buffer.append(jsonString: String(index), after: "i:")
        }
    }

    /// The step that a member's name spells.
    /// - Parameter name: between the quotation marks, with its escapes.
    fileprivate init(
        spelled bytes: UnsafeRawBufferPointer, _ name: Range<Int>
    ) throws(FieldsError) {
        guard name.count >= 2, bytes[name.lowerBound + 1] == UInt8(ascii: ":"),
            let text = Self.text(bytes, name)
        else { throw FieldsError("a member's name is no step: \(Self.shown(bytes, name))") }
        guard let step = Self.read(bytes[name.lowerBound], text) else {
            throw FieldsError("a member's name is no step: \(Self.shown(bytes, name))")
        }
        self = step
    }

    private static func read(_ kind: UInt8, _ text: String) -> FieldStep? {
        switch kind {
        case UInt8(ascii: "f"): return .field(text)
        case UInt8(ascii: "k"):
            guard case .object(let key)? = try? JSONValue(parsing: Bytes(text)) else { return nil }
            let members = key.members.map { KeyMember($0.key, $0.value) }
            return .key(members.sorted { $0.name.byteOrder(against: $1.name) < 0 })
        case UInt8(ascii: "v"): return (try? JSONValue(parsing: Bytes(text))).map { .value($0) }
        case UInt8(ascii: "i"): return Int(text).map { .index($0) }
        default: return nil
        }
    }

    /// What follows the two bytes that say which kind of step it is.
    private static func text(_ bytes: UnsafeRawBufferPointer, _ name: Range<Int>) -> String? {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[(name.lowerBound + 2)..<name.upperBound])
        guard rest.contains(UInt8(ascii: "\\")) else {
            return String(decoding: rest, as: UTF8.self)
        }
        var quoted = ByteBuffer(reserving: rest.count + 2)
        quoted.append(UInt8(ascii: "\""))
        quoted.append(rest)
        quoted.append(UInt8(ascii: "\""))
        return Extracted(raw: quoted.freeze()).string
    }

    private static func shown(_ bytes: UnsafeRawBufferPointer, _ name: Range<Int>) -> String {
        let shown = name.prefix(Limits.excerptByteCountMax)
        return String(decoding: bytes[shown], as: UTF8.self)
    }
}

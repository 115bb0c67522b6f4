// From a stored value to the object that the cache serves.

import Buffers
import Storage

#if canImport(Glibc)
    import Glibc
#endif

/// How the values of one resource become objects.
struct ObjectForm: Sendable {
    /// How every body begins; the revision follows.
    static let bodyStart: Bytes = #""metadata":{"resourceVersion":""#
    private static let metadataStart: Bytes = #""metadata":{"#

    let description: ResourceDescription
    /// The resource's name and a slash, with which each of its keys begins.
    let keyPrefix: Bytes
    let interning: InternTable
    /// The ways in which a value may begin; the first is the usual one.
    private let valueStarts: [Bytes]

    /// How this value begins; `nil` when it is not of this form.
    func start(of value: Bytes) -> Bytes? { valueStarts.first { value.starts(with: $0) } }
    /// What to take for the fields of every object, without reading them.
    private var knownFields: ObjectFields?

    init(_ description: ResourceDescription, interning: InternTable) {
        self.description = description
        self.interning = interning
        keyPrefix = Bytes(description.name + "/")
        valueStarts = ([description.objectPrefix] + description.otherPrefixes).map {
            Bytes($0.array + Self.metadataStart.array)
        }
    }

    /// The same form for objects that nobody selects by labels or fields, or asks for their uid:
    /// these are empty, and the values are not parsed.
    var withoutFields: ObjectForm {
        var form = self
        let fields = description.fieldNames.map { _ in "" }
        form.knownFields = ObjectFields(uid: "", labels: [], fields: fields)
        return form
    }

    /// The object that `item` stores, or `nil` when its key or its value is not of this resource's
    /// form.
    func object(_ item: Item) -> CachedObject? {
        guard var layout = layout(of: item.key),
            let valueStart = start(of: item.value),
            item.value.count > valueStart.count, item.value.count < Int(Int32.max)
        else { return nil }
        let fields = knownFields ?? description.readFields(item.value)
        precondition(
            fields.fields.count == description.fieldNames.count,
            "\(description.name): \(fields.fields.count) fields")
        let rest = item.value.dropFirst(valueStart.count)
        var buffer = ByteBuffer(reserving: byteCount(item, fields, rest))
        buffer.append(item.key.bytes)
        for field in fields.fields {
            ObjectLayout.append(length: field.utf8.count, to: &buffer)
            buffer.append(utf8: field)
        }
        let uid = fields.uid
        guard uid.count <= Int(UInt16.max) else { return nil }
        let uidInRest = uid.isEmpty ? nil : rest.offset(ofSlice: uid) ?? rest.firstOffset(of: uid)
        layout.uidStart = UInt32(buffer.count)
        layout.uidCount = UInt16(uid.count)
        if uidInRest == nil { buffer.append(uid) }
        layout.bodyStart = UInt32(buffer.count)
        appendBody(rest, revision: item.revision, to: &buffer)
        if let uidInRest { layout.uidStart = UInt32(buffer.count - rest.count + uidInRest) }
        return CachedObject(
            storage: buffer.freeze(), revision: item.revision,
            labels: interning.labels(of: fields), layout: layout)
    }

    /// Where the namespace and the name stand in a key of this resource; `nil` for other keys.
    private func layout(of key: Key) -> ObjectLayout? {
        let bytes = key.bytes
        guard bytes.count > keyPrefix.count, bytes.count <= Int(UInt16.max),
            bytes.starts(with: keyPrefix)
        else { return nil }
        let start = keyPrefix.count
        let slash = bytes.firstSlash(from: start)
        guard description.isNamespaced == (slash != nil) else { return nil }
        let nameStart = slash.map { $0 + 1 } ?? start
        guard nameStart < bytes.count, slash != start else { return nil }
        return ObjectLayout(
            namespaceStart: UInt16(start), nameStart: UInt16(nameStart), keyEnd: UInt16(bytes.count)
        )
    }

    private func byteCount(_ item: Item, _ fields: ObjectFields, _ rest: Bytes) -> Int {
        let fieldByteCount = fields.fields.reduce(0) { sum, field in
            sum + field.utf8.count + (field.utf8.count < 0x80 ? 1 : 4)
        }
        return item.key.bytes.count + fieldByteCount + Self.bodyStart.count
            + item.revision.decimalDigitCount + 2 + rest.count
    }

    private func appendBody(_ rest: Bytes, revision: Revision, to buffer: inout ByteBuffer) {
        buffer.append(Self.bodyStart)
        buffer.append(decimal: revision.rawValue)
        buffer.append(UInt8(ascii: "\""))
        if rest[0] != UInt8(ascii: "}") { buffer.append(UInt8(ascii: ",")) }
        buffer.append(rest)
    }
}

extension Bytes {
    /// Where the first slash at or behind `start` stands; `nil` when there is none.
    fileprivate func firstSlash(from start: Int) -> Int? {
        withUnsafeBytes { own in
            guard start < own.count else { return nil }
            let place = memchr(
                own.baseAddress! + start, CInt(UInt8(ascii: "/")), own.count - start)
            return place.map { UnsafeRawPointer($0) - own.baseAddress! }
        }
    }

    /// Where `pattern` first stands in this run; `nil` when it does not, or when it is empty.
    func firstOffset(of pattern: Bytes) -> Int? {
        guard !pattern.isEmpty, count >= pattern.count else { return nil }
        return withUnsafeBytes { own in
            pattern.withUnsafeBytes { wanted in
                let start = own.baseAddress!
                var position = 0
                while position <= own.count - wanted.count {
                    let room = own.count - wanted.count - position + 1
                    guard let found = memchr(start + position, CInt(wanted[0]), room) else {
                        return nil
                    }
                    position = UnsafeRawPointer(found) - start
                    if memcmp(found, wanted.baseAddress!, wanted.count) == 0 { return position }
                    position += 1
                }
                return nil
            }
        }
    }
}

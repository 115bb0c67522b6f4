// An object as the cache holds it: its bytes, encoded once, and what selectors look at.

import Buffers
import Storage

#if canImport(Glibc)
    import Glibc
#endif

/// One object at one revision.
///
/// The memory is one run of bytes: the key, the selectable fields, and the body, which is the
/// object's JSON from `"metadata":{"resourceVersion":"N",` to its last brace.
public final class CachedObject: Sendable {
    let storage: Bytes
    /// The transaction that made this state; in a DELETED event, the one that deleted the object.
    public let revision: Revision
    let labels: LabelSet
    private let layout: ObjectLayout

    init(storage: Bytes, revision: Revision, labels: LabelSet, layout: ObjectLayout) {
        self.storage = storage
        self.revision = revision
        self.labels = labels
        self.layout = layout
    }

    public var key: Key { Key(storage[0..<Int(layout.keyEnd)]) }

    /// The object's name, the last segment of its key.
    public var name: Bytes { storage[Int(layout.nameStart)..<Int(layout.keyEnd)] }

    /// The object's namespace; empty when the resource has none.
    public var namespace: Bytes {
        let start = Int(layout.namespaceStart)
        return storage[start..<max(start, Int(layout.nameStart) - 1)]
    }

    /// The part of the key that objects of the same namespace share, with the slash behind it.
    var keyScope: Bytes { storage[0..<Int(layout.nameStart)] }

    /// The object's `metadata.uid`.
    public var uid: Bytes {
        storage[Int(layout.uidStart)..<Int(layout.uidStart) + Int(layout.uidCount)]
    }

    /// The JSON from `"metadata":{"resourceVersion":"N",` to the end. The resource's
    /// `objectPrefix` in front of it makes the whole object; `{` in front of it makes an item of
    /// a list.
    public var body: Bytes { storage[Int(layout.bodyStart)..<storage.count] }

    var bodyByteCount: Int { storage.count - Int(layout.bodyStart) }

    /// The revision in decimal, as it stands in the body.
    public var resourceVersion: Bytes {
        let start = Int(layout.bodyStart) + ObjectForm.bodyStart.count
        return storage[start..<start + revision.decimalDigitCount]
    }

    /// The value of the label `name`, or `nil` when the object has no such label.
    public func label(_ name: String) -> String? {
        labels.labels.first { $0.name.text == name }?.value.text
    }

    /// The value of the selectable field at `index` in the resource's `fieldNames`.
    public func field(_ index: Int) -> Bytes {
        var position = Int(layout.keyEnd)
        var remaining = index
        return storage.withUnsafeBytes { bytes in
            while true {
                let count = ObjectLayout.readLength(bytes, &position)
                if remaining == 0 { return storage[position..<position + count] }
                remaining -= 1
                position += count
            }
        }
    }

    /// Whether the field at `index` has exactly this value.
    func field(_ index: Int, equals value: Bytes) -> Bool {
        var position = Int(layout.keyEnd)
        var remaining = index
        return storage.withUnsafeBytes { bytes in
            while true {
                let count = ObjectLayout.readLength(bytes, &position)
                if remaining == 0 {
                    guard count == value.count else { return false }
                    let own = UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
                    return value.withUnsafeBytes { wanted in
                        count == 0 || memcmp(own.baseAddress!, wanted.baseAddress!, count) == 0
                    }
                }
                remaining -= 1
                position += count
            }
        }
    }

    /// How this object's key and `other` are ordered: negative, zero or positive.
    func keyOrder(to other: UnsafeRawBufferPointer) -> Int {
        storage.withUnsafeBytes { bytes in
            let count = Int(layout.keyEnd)
            let shared = min(count, other.count)
            if shared > 0 {
                let order = memcmp(bytes.baseAddress!, other.baseAddress!, shared)
                if order != 0 { return Int(order) }
            }
            return count - other.count
        }
    }

    /// The same object as `revision` left it: what a DELETED event shows.
    func respliced(at revision: Revision) -> CachedObject {
        let head = Int(layout.bodyStart) + ObjectForm.bodyStart.count
        let tail = storage.dropFirst(head + self.revision.decimalDigitCount)
        var buffer = ByteBuffer(reserving: head + revision.decimalDigitCount + tail.count)
        buffer.append(storage[0..<head])
        buffer.append(decimal: revision.rawValue)
        buffer.append(tail)
        let shift = revision.decimalDigitCount - self.revision.decimalDigitCount
        return CachedObject(
            storage: buffer.freeze(), revision: revision, labels: labels,
            layout: layout.shiftingBody(by: shift))
    }
}

/// Where the parts of an object's storage begin.
struct ObjectLayout: Sendable {
    var namespaceStart: UInt16
    var nameStart: UInt16
    var keyEnd: UInt16
    var uidCount: UInt16 = 0
    var uidStart: UInt32 = 0
    var bodyStart: UInt32 = 0

    /// The layout when the revision's digits have become more or fewer. A uid in the body moves.
    func shiftingBody(by shift: Int) -> ObjectLayout {
        var result = self
        if uidStart > bodyStart { result.uidStart = UInt32(Int(uidStart) + shift) }
        return result
    }

    /// Reads a length of one to three bytes, seven bits each, the least significant first.
    static func readLength(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) -> Int {
        var length = 0
        var shift = 0
        while true {
            let byte = Int(bytes[position])
            position += 1
            length |= (byte & 0x7f) << shift
            if byte < 0x80 { return length }
            shift += 7
        }
    }

    static func append(length: Int, to buffer: inout ByteBuffer) {
        var rest = length
        while rest >= 0x80 {
            buffer.append(UInt8(truncatingIfNeeded: rest | 0x80))
            rest >>= 7
        }
        buffer.append(UInt8(rest))
    }
}

extension Revision {
    var decimalDigitCount: Int {
        var count = 1
        var rest = rawValue / 10
        while rest > 0 {
            count += 1
            rest /= 10
        }
        return count
    }
}

// Writing the gateway's requests.

import Buffers
import Storage

/// Puts a JSON request together.
struct CallWriter: ~Copyable {
    private var buffer: ByteBuffer
    private var needsComma = false

    init(reserving byteCount: Int = 256) { buffer = ByteBuffer(reserving: byteCount) }

    consuming func finish() -> Bytes { buffer.freeze() }

    mutating func object(_ body: (inout CallWriter) -> Void) { enclose("{", "}", body) }

    mutating func object(_ name: StaticString, _ body: (inout CallWriter) -> Void) {
        begin(name)
        enclose("{", "}", body)
    }

    mutating func array(_ name: StaticString, _ body: (inout CallWriter) -> Void) {
        begin(name)
        enclose("[", "]", body)
    }

    mutating func member(_ name: StaticString, _ bytes: Bytes) {
        begin(name)
        buffer.append(literal: "\"")
        Base64.append(bytes, to: &buffer)
        buffer.append(literal: "\"")
        needsComma = true
    }

    mutating func member(_ name: StaticString, _ revision: Revision) {
        member(name, number: revision.rawValue)
    }

    /// Numbers of 64 bits stand in quotes.
    mutating func member(_ name: StaticString, number: UInt64) {
        begin(name)
        buffer.append(literal: "\"")
        buffer.append(decimal: number)
        buffer.append(literal: "\"")
        needsComma = true
    }

    mutating func member(_ name: StaticString, constant: StaticString) {
        begin(name)
        buffer.append(literal: "\"")
        buffer.append(literal: constant)
        buffer.append(literal: "\"")
        needsComma = true
    }

    mutating func member(_ name: StaticString, _ isTrue: Bool) {
        begin(name)
        buffer.append(literal: isTrue ? "true" : "false")
        needsComma = true
    }

    private mutating func begin(_ name: StaticString) {
        separate()
        buffer.append(literal: "\"")
        buffer.append(literal: name)
        buffer.append(literal: "\":")
        needsComma = false
    }

    private mutating func separate() { if needsComma { buffer.append(literal: ",") } }

    private mutating func enclose(
        _ opening: StaticString, _ closing: StaticString, _ body: (inout CallWriter) -> Void
    ) {
        separate()
        buffer.append(literal: opening)
        needsComma = false
        body(&self)
        buffer.append(literal: closing)
        needsComma = true
    }
}

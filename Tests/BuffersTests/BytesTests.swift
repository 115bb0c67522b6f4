import Buffers
import Testing

@Suite struct BytesTests {
    @Test func `a slice shares its bytes and counts from its own start`() {
        let bytes: Bytes = "hello, world"
        let slice = bytes[7..<12]
        #expect(slice == "world")
        #expect(slice[0] == UInt8(ascii: "w"))
        #expect(slice.dropFirst(2).description == "rld")
    }

    @Test func `a slice knows where it stands in what it was cut from`() {
        let bytes: Bytes = "hello, world"
        let slice = bytes[3..<12]
        #expect(slice.offset(ofSlice: bytes[7..<12]) == 4)
        #expect(slice.offset(ofSlice: bytes[2..<5]) == nil)
        #expect(bytes.offset(ofSlice: Bytes("world")) == nil)
        #expect(slice.contains(UInt8(ascii: "w")) && !slice.contains(UInt8(ascii: "h")))
        #expect(!Bytes.empty.contains(0))
    }

    @Test func `order is by unsigned byte, and a prefix comes first`() {
        #expect(Bytes("a") < Bytes("ab"))
        #expect(Bytes([0x7f]) < Bytes([0x80]))
        #expect(!(Bytes.empty < Bytes.empty))
        #expect(Bytes("a-b/x") < Bytes("a/x"))
    }

    @Test func `equal bytes are equal and hash alike, whatever memory holds them`() {
        let whole: Bytes = "xxabc"
        #expect(Set([whole[2..<5], Bytes("abc")]).count == 1)
    }

    @Test func `a buffer grows, writes decimals and freezes`() {
        var buffer = ByteBuffer(reserving: 16)
        buffer.append(literal: "n=")
        buffer.append(decimal: -120)
        buffer.append(UInt8(ascii: ";"))
        buffer.append(decimal: UInt64.max)
        buffer.append(utf8: "é")
        buffer.append(decimal: 0)
        #expect(buffer.freeze().description == "n=-120;18446744073709551615é0")
    }

    @Test func `removing from the front keeps the rest`() {
        var buffer = ByteBuffer()
        buffer.append(literal: "abcdef")
        buffer.removeFirst(2)
        buffer.truncate(to: 3)
        #expect(buffer.copy() == "cde")
    }
}

// Fields whose names are only known when they are passed on.

import Buffers
import HTTPWire
import Testing

@Suite struct ForwardedFieldTests {
    @Test func `a field that is passed on cannot become two`() {
        var fields = FieldLines()
        fields.add(name: "X-Passed-On", value: "a\r\nX-Remote-User: admin")
        #expect(fields.first("x-passed-on") == "a  X-Remote-User: admin")
        #expect(fields.first("x-remote-user") == nil)
    }

    @Test func `names have the bytes of tokens`() {
        for byte in "!#$%&'*+-.^_`|~09azAZ".utf8 { #expect(FieldLines.isNameByte(byte)) }
        for byte in "\r\n :\"/\u{7F}\u{E9}".utf8 { #expect(!FieldLines.isNameByte(byte)) }
    }
}

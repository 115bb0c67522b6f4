// What a request wants done.

import Buffers

/// A request method (RFC 9110, 9; PATCH: RFC 5789).
public enum Method: UInt8, Sendable {
    case get, head, post, put, patch, delete, options
    /// Any other token; `RequestHead.methodName` has it.
    case other

    /// Methods are case-sensitive (RFC 9110, 9.1).
    init(_ name: UnsafeRawBufferPointer) {
        switch name.count {
        case 3 where name.equals("GET"): self = .get
        case 3 where name.equals("PUT"): self = .put
        case 4 where name.equals("POST"): self = .post
        case 4 where name.equals("HEAD"): self = .head
        case 5 where name.equals("PATCH"): self = .patch
        case 6 where name.equals("DELETE"): self = .delete
        case 7 where name.equals("OPTIONS"): self = .options
        default: self = .other
        }
    }
}

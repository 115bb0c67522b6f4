// What the kernel refused, and which call it refused.

import Glibc

/// An operating error of a system call.
public struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The value of `errno`.
    public let code: CInt
    /// The system call, as in its manual page.
    public let operation: StaticString

    public init(code: CInt, operation: StaticString) {
        self.code = code
        self.operation = operation
    }

    /// The error of the call that has just failed.
    /// - Precondition: it is not `EBADF` or `EFAULT`, which are bugs of ours.
    public static func last(_ operation: StaticString) -> SystemError {
        let code = errno
        precondition(code != EBADF && code != EFAULT, "\(operation): errno \(code)")
        return SystemError(code: code, operation: operation)
    }

    /// Whether the process or the machine is out of descriptors or memory, which passes.
    public var isLackOfResources: Bool {
        [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code)
    }

    public var description: String {
        var text = [CChar](repeating: 0, count: 128)
        let isKnown = strerror_r(code, &text, text.count) == 0
        let end = text.firstIndex(of: 0) ?? text.count
        let reason = String(decoding: text[..<end].map(UInt8.init(bitPattern:)), as: UTF8.self)
        return "\(operation): \(isKnown ? reason : "errno \(code)")"
    }

    public static func == (left: SystemError, right: SystemError) -> Bool {
        left.code == right.code && left.operation.description == right.operation.description
    }
}

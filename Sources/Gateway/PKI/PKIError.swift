import SystemCalls

/// A file of keys or certificates that cannot be used: which one, what is wrong, what to do.
public struct PKIError: Error, Hashable, Sendable, CustomStringConvertible {
    public let path: String
    public let problem: String
    public let remedy: String

    public init(_ path: String, _ problem: String, remedy: String) {
        self.path = path
        self.problem = problem
        self.remedy = remedy
    }

    public var description: String { "\(path): \(problem): \(remedy)" }

    /// The system call that has just failed.
    static func system(_ path: String, _ operation: StaticString, remedy: String) -> PKIError {
        PKIError(path, SystemError.last(operation).description, remedy: remedy)
    }
}

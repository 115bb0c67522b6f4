import JSON

/// What `/version` answers: the Kubernetes version whose API this is, and our own.
public struct ServerVersion: Sendable {
    /// Binnacle's own version, such as `0.1.0`.
    public let release: String

    public init(release: String) { self.release = release }

    /// The version of the Kubernetes API that clients may expect.
    static let major = "1"
    static let minor = "34"

    /// As Go names it.
    private static var architecture: String {
        #if arch(x86_64)
            "amd64"
        #elseif arch(arm64)
            "arm64"
        #else
            "unknown"
        #endif
    }

    var document: JSONValue {
        [
            "major": .string(Self.major), "minor": .string(Self.minor),
            "gitVersion": .string("v\(Self.major).\(Self.minor).0+binnacle.\(release)"),
            "gitCommit": "", "gitTreeState": "", "buildDate": "1970-01-01T00:00:00Z",
            "goVersion": "none", "compiler": "swift",
            "platform": .string("linux/\(Self.architecture)"),
        ]
    }
}

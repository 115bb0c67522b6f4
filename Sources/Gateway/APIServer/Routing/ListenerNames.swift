import HTTPServer

extension ListenerName {
    /// The plain listener, without authentication, for this machine alone.
    public static let plainLoopback: ListenerName = "plain-loopback"
    /// The encrypted listener, for everybody who can say who they are.
    public static let secure: ListenerName = "secure"
}

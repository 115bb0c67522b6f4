import HTTPServer

extension ListenerName {
    /// The plain listener, without authentication, for this machine alone.
    public static let plainLoopback: ListenerName = "plain-loopback"
}

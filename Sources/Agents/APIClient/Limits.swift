// Bounds of a client of the API.

import HTTPClient

/// Bounds of a client of the API.
public struct Limits: Sendable {
    /// Bounds of the connections below.
    public var connections = HTTPClient.Limits()
    /// A watch that hears nothing for so long is taken for dead and moved: a server sends a
    /// bookmark each minute.
    public var watchSilenceMax = Duration.seconds(75)
    /// How often a request is sent again because the server said that it is busy.
    public var busyRetryCountMax = 8
    /// The longest wait for which a busy server is obeyed.
    public var busyWaitMax = Duration.seconds(30)
    /// Objects in a page of a list.
    public var pageObjectCount = 500
    /// One event of a watch: the largest object that is stored, and what is around it.
    public var eventByteCountMax = 4 * 1024 * 1024
    /// A whole answer.
    public var answerByteCountMax = 256 * 1024 * 1024
    /// How long an informer waits after a failure, at first and at most.
    public var restTimeMin = Duration.milliseconds(100)
    public var restTimeMax = Duration.seconds(15)

    public init() {}

    /// A kubeconfig, a certificate or a token.
    static let fileByteCountMax = 4 * 1024 * 1024
}

/// What calls to other servers do not exceed, each with its reason.
enum Limits {
    /// Servers to which connections are kept. Clusters have a handful; past this number all are
    /// let go of, and those in use are made again.
    static let serverCountMax = 256

    /// The bytes of a webhook's answer: a patch of the largest object that a request may send, in
    /// base64.
    static let reviewByteCountMax = 8 * 1024 * 1024

    /// Connections to one address of a webhook, which may be slow: writes beyond that wait.
    static let webhookConnectionCountMax = 128

    /// Connections to one address of a server of other groups: each watch has one for itself.
    static let extensionConnectionCountMax = 512

    /// How long a server of other groups may take to accept a connection, as in Kubernetes'
    /// aggregator.
    static let connectWait = Duration.seconds(5)

    /// How long it may take to begin its answer: as long as a request may take as a rule.
    static let answerWait = Duration.seconds(60)

    /// Bytes of its documents of discovery and of OpenAPI.
    static let documentByteCountMax = 16 * 1024 * 1024
}

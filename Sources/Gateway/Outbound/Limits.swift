/// What calls to other servers do not exceed, each with its reason.
enum Limits {
    /// Servers to which connections are kept. Clusters have a handful; past this number all are
    /// let go of, and those in use are made again.
    static let serverCountMax = 256

    /// The bytes of a webhook's answer: a patch of the largest object that a request may send, in
    /// base64.
    static let reviewByteCountMax = 8 * 1024 * 1024

    /// Objects that a webhook is asked to convert at once, and their bytes, but for one object: a
    /// few dozen milliseconds of its time, and as much as an answer of the usual store's page.
    static let convertedObjectCountMax = 256
    static let convertedByteCountMax = 4 * 1024 * 1024

    /// The bytes of its answer: objects may grow.
    static let conversionByteCountMax = 32 * 1024 * 1024

    /// How long it may take, as in Kubernetes.
    static let conversionSeconds: Int64 = 30

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

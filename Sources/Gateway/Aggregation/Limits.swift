/// The bounds of aggregation, each with its reason.
enum Limits {
    /// How long a server may take to accept a connection, as in Kubernetes' aggregator.
    static let connectWait = Duration.seconds(5)

    /// How long a server may take to begin its answer: as long as a request may take as a rule.
    static let answerWait = Duration.seconds(60)

    /// Bytes of a document of discovery or of OpenAPI.
    static let documentByteCountMax = 16 << 20

    /// How many servers connections are kept to.
    static let clientCountMax = 64
}

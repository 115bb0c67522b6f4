/// What this module refuses to exceed.
enum Limits {
    /// A token as it stands in a header. Kubernetes' have about 1 KiB; those of identity providers
    /// grow with their groups.
    static let tokenByteCountMax = 16 << 10
    /// The header of a token, decoded: an algorithm, a key id, and perhaps a certificate.
    static let tokenHeaderByteCountMax = 4 << 10
    /// Audiences of one token. Whoever asks for more is mistaken.
    static let audienceCountMax = 64
    /// How far another gateway's clock may be ahead of ours, in seconds, when it makes a token.
    static let clockSkewSecondsMax: Int64 = 60

    /// Tokens whose signature is known to be good: of each it takes one or two kilobytes. Of more,
    /// some are checked again, which takes about 50 µs.
    static let knownTokenCountMax = 4096
    /// A file of static tokens: some ten thousand lines.
    static let tokenFileByteCountMax = 1 << 20
    /// For how long an object that is being deleted still gives credentials, so that it can say
    /// goodbye, as in Kubernetes.
    static let deletionGrace = Duration.seconds(60)
    /// The shortest life of a token that is asked for, in seconds, as in Kubernetes.
    static let requestedSecondsMin: Int64 = 600
    /// The longest, as in Kubernetes.
    static let requestedSecondsMax: Int64 = 1 << 32

    /// So many roles of one subject are asked one after the other; of more, one table is made.
    /// Asking a role costs two to six look-ups.
    static let separateTableCountMax = 8

    /// The parts of the index that are copied separately when a binding changes: of ten thousand
    /// subjects some forty are.
    static let indexShardCount = 256

    /// Events that are taken from a log at once.
    static let eventCountPerRead = 1024

    /// Nodes whose pods are followed. Of each it takes some kilobytes; beyond that, those who ask
    /// again cost a look at their pods again.
    static let followedNodeCountMax = 8192
}

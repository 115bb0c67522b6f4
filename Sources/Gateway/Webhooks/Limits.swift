/// What this module refuses to exceed.
enum Limits {
    /// The bytes of an answer: a patch of the largest object that a request may send, in base64.
    static let answerByteCountMax = 8 * 1024 * 1024

    /// Services and URLs to which connections are kept. Configurations have a handful; past this
    /// number all are let go of, and those in use are made again.
    static let clientCountMax = 256

    /// Connections to one address of a webhook, which may be slow: writes beyond that wait.
    static let connectionCountMax = 128
}

// Bounds of a request.

/// Bounds of a request, in bytes.
public struct MessageLimits: Sendable {
    /// Request line and header fields: what client-go's largest requests need, with much to spare.
    /// - Precondition: less than 65,536, which is what places in a head can express.
    public var headByteCountMax = 64 * 1024 - 1
    /// The request target: continue tokens and selectors stand in it.
    public var targetByteCountMax = 16 * 1024
    /// The body: the largest object that is stored (1.5 MiB) and a patch of it.
    public var bodyByteCountMax = 3 * 1024 * 1024
    /// A chunk's size line, with extensions that nobody uses.
    public var chunkLineByteCountMax = 256
    /// The fields after the last chunk, which are read and dropped.
    public var trailerByteCountMax = 8 * 1024

    public init() {}
}

/// The bounds of this module.
public enum Limits {
    /// Children of one family. Label values may come from requests; past this many, further ones
    /// are counted together, so that a client cannot fill the memory with made-up values.
    public static let childCountMax = 1_000
    /// Buckets of one histogram: a search through so few bounds stays within one or two cache
    /// lines.
    public static let bucketCountMax = 40
}

/// The bounds that every store keeps.
public enum Limits {
    /// Bytes of one value: what a Kubernetes API server takes as a request body.
    public static let valueByteCountMax = 3 << 20
    /// Bytes of one key: several times the longest resource, namespace and name together.
    public static let keyByteCountMax = 2_048
    /// Operations, and comparisons, of one transaction: so many are still one small write.
    public static let operationCountMax = 1_024
    /// Events at which a batch of a watch ends, but for the transaction that it is in.
    public static let batchEventCountMax = 1_024
    /// Value bytes at which a batch of a watch ends, but for the transaction that it is in.
    public static let batchByteCountMax = 4 << 20
    /// Events of other ranges that one page of a history passes over before it ends: some
    /// milliseconds of reading.
    public static let historyPassedCountMax = 4_096
    /// Value bytes at which a page ends, whatever was asked for.
    public static let pageByteCountMax = 128 << 20
    /// Events that a `MemoryStore` keeps unless told otherwise.
    public static let memoryEventCountMax = 100_000
}

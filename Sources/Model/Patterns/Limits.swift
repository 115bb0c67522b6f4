/// What this module refuses to exceed.
public enum Limits {
    /// The steps of one expression: the time for a byte of text grows with them.
    public static let stepCountMax = 10_000
    /// How often a part may be repeated by a count, as in RE2.
    public static let repetitionCountMax = 1000
    /// Groups inside one another; RE2's own limit.
    public static let nestingMax = 1000
    /// The bytes of an expression.
    public static let sourceByteCountMax = 64 * 1024
}

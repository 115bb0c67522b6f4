/// What this module refuses to exceed.
enum Limits {
    /// Arrays and objects inside one another. The parser recurses; Kubernetes' deepest types stay
    /// below 30, and a recursion of 128 fits the smallest stack that we run on (512 KiB).
    static let depthMax = 128
    /// Duplicate members that are reported for one document. Clients show them to people.
    static let reportedDuplicateCountMax = 100
    /// Members up to which an object is searched from front to back; beyond it keeps an index.
    static let linearMemberCountMax = 24
    /// The largest exponent that is compared as a number; two numbers beyond it are equal only when
    /// they are spelled alike.
    static let comparedExponentMax = 1_000_000
}

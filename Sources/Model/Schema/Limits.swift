/// What this module refuses to exceed.
public enum Limits {
    /// Unknown fields that are named for one object; all of them are removed. People read the
    /// names.
    public static let reportedUnknownFieldCountMax = 100
    /// Reasons for which one object is refused that are listed; a client can do nothing with more.
    public static let reportedErrorCountMax = 200
    /// References that lead from one to another, and constraints laid over them, while a schema is
    /// compiled; more is a circle.
    static let referenceDepthMax = 32
}

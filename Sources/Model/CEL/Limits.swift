/// What this module refuses to exceed.
public enum Limits {
    /// The bytes of an expression.
    public static let expressionByteCountMax = 64 * 1024
    /// Expressions inside one another.
    static let depthMax = 250
    /// The steps that one evaluation may take; as many as in Kubernetes. A step is a call, a
    /// selection or an element; a call on text or on a list takes more steps the longer they are.
    public static let costPerEvaluationMax = 1_000_000
    /// The steps that all rules of one object may take together.
    public static let costPerObjectMax = 10_000_000
    /// The bytes of text, and ten times the elements of lists, that are gone through in one step.
    static let byteCountPerStep = 10
}

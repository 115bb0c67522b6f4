/// The bounds of this module: each with its unit and its reason.
public enum Limits {
    /// Bytes of all values of a ConfigMap or a Secret together (API convention).
    public static let dataByteCountMax = 1_048_576
    /// Endpoints that a table cell shows; more are only counted.
    static let shownEndpointCountMax = 3
    /// Changed fields that the refusal of a pod's update names: enough to find the mistake.
    static let shownChangeCountMax = 8
    /// Draws of a node port until one is not used by the Service itself; a Service has far fewer
    /// ports.
    static let portDrawCountMax = 64
    /// Seconds that a pod stays on a node which is not ready or not reached (API convention).
    static let nodeFailureTolerationSeconds: Int64 = 300
    /// Percent of the replicas that a rolling update may touch at most.
    static let percentMax: Int64 = 100
}

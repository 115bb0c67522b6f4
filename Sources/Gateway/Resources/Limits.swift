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
    /// Pods of an indexed Job at the same time: its indexes are listed in the status.
    static let indexedParallelismMax: Int64 = 100_000
    /// Indexes of a Job with a bound for each, whatever bound there is for their failures.
    static let countedIndexesMax: Int64 = 100_000
    /// Failed indexes of a Job that has more indexes than that.
    static let failedIndexesMax: Int64 = 10_000
    /// Bytes of a CronJob's name: a Job's name has eleven more and must fit a label.
    static let cronJobNameByteCountMax = 52
    /// Entries, and bytes of all of them, in the parameters of a class of storage.
    static let parameterCountMax = 512
    static let parametersByteCountMax = 256 * 1024
    /// The highest priority of a class that users make; what is above is the system's.
    static let userPriorityMax: Int64 = 1_000_000_000
    /// Seconds that a scaling policy may look back.
    static let scalingPeriodSecondsMax: Int64 = 1800
    static let stabilizationSecondsMax: Int64 = 3600
    /// Bytes of a field of an event, and of its note.
    static let eventWordByteCountMax = 128
    static let eventNoteByteCountMax = 1024
    /// Entries of the former topology of an endpoint.
    static let endpointTopologyCountMax = 16
    /// Percent of the replicas that a rolling update may touch at most.
    static let percentMax: Int64 = 100
}

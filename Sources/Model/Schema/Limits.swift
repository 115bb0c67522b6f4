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
    /// Schemas inside one another in a definition of a custom resource. A JSON body nests no deeper
    /// than twice that.
    static let customSchemaDepthMax = 100
    /// Messages inside one another; protobuf's own readers stop here too.
    static let protobufDepthMax = 100
    /// The largest field number that our documents may state: a table is kept from 1 up to the
    /// largest of each message. Kubernetes' are below 50.
    static let protobufNumberMax = 255
    /// The seconds of a protobuf time: the years 1 to 9999, as its definition says.
    static let protobufSeconds = Int64(-62_135_596_800)...Int64(253_402_300_799)
}

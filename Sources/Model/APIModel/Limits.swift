/// The bounds of this module: each with its unit and its reason.
public enum Limits {
    /// Operations in one JSON Patch; the API's convention, so that one request stays cheap.
    public static let jsonPatchOperationCountMax = 10_000
    /// Bytes that all `copy` operations of one JSON Patch may add together, in compact JSON: doubling a
    /// value again and again must not fill the memory. Twice what a request body may carry.
    public static let jsonPatchCopiedByteCountMax = 6 * 1024 * 1024
    /// Levels of nesting that a patch may reach; what the parser accepts, with room to spare.
    public static let patchDepthMax = 1_000
    /// Bytes of all annotations of one object, keys and values together (API convention).
    public static let annotationsByteCountMax = 256 * 1024
    /// Bytes of a `fieldManager` (API convention).
    public static let fieldManagerByteCountMax = 128
    /// Bytes of a name made from `generateName`, the random end included: fits a DNS label.
    public static let generatedNameByteCountMax = 63
    /// Random characters at the end of a generated name.
    public static let generatedSuffixCount = 5
    /// Bytes of a DNS label (RFC 1035, 2.3.4), a label's name part and a label's value.
    public static let labelByteCountMax = 63
    /// Bytes of a DNS name as Kubernetes writes it, and of a key in a ConfigMap.
    public static let subdomainByteCountMax = 253
    /// Bytes of a service name (RFC 6335, 5.1).
    public static let portNameByteCountMax = 15
    /// Bytes of a continue token; a key and a revision fit many times over.
    public static let continueTokenByteCountMax = 4_096
    /// Pairs in one query; more is no request that a client of this API makes.
    public static let queryItemCountMax = 1_000
    /// Requirements in one label or field selector.
    public static let selectorRequirementCountMax = 10_000
    /// Decimal digits before or after the point that a quantity may be written with; the number itself
    /// is bounded further.
    public static let quantityDigitCountMax = 100
}

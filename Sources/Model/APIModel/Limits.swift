/// The bounds of this module: each with its unit and its reason.
enum Limits {
    /// Operations in one JSON Patch; the API's convention, so that one request stays cheap.
    static let jsonPatchOperationCountMax = 10_000
    /// Bytes that all `copy` operations of one JSON Patch may add together, in compact JSON:
    /// doubling a value again and again must not fill the memory. Twice what a request body may
    /// carry.
    static let jsonPatchCopiedByteCountMax = 6 * 1024 * 1024
    /// Levels of nesting that a patched object may have: what the JSON parser accepts, since it is
    /// read again. A move into a deeper place counts as if it nested the whole object further.
    static let patchedDepthMax = 128
    /// Bytes of all annotations of one object, keys and values together (API convention).
    static let annotationsByteCountMax = 256 * 1024
    /// Bytes of a `fieldManager` (API convention).
    static let fieldManagerByteCountMax = 128
    /// Bytes of a name made from `generateName`, the random end included: fits a DNS label.
    static let generatedNameByteCountMax = 63
    /// Random characters at the end of a generated name.
    static let generatedSuffixCount = 5
    /// Bytes of a DNS label (RFC 1035, 2.3.4), a label's name part and a label's value.
    static let labelByteCountMax = 63
    /// Bytes of a DNS name as Kubernetes writes it, and of a key in a ConfigMap.
    static let subdomainByteCountMax = 253
    /// Bytes of a service name (RFC 6335, 5.1).
    static let portNameByteCountMax = 15
    /// Bytes of a continue token; a key and a revision fit many times over.
    static let continueTokenByteCountMax = 4_096
    /// Pairs in one query; more is no request that a client of this API makes.
    static let queryItemCountMax = 1_000
    /// Requirements in one label or field selector.
    static let selectorRequirementCountMax = 10_000
    /// Decimal digits before or after the point that a quantity may be written with; the number
    /// itself is bounded further.
    static let quantityDigitCountMax = 100
}

// Revisions as clients write them.

import JSON

/// Reading of resourceVersions. To clients they are opaque; here they are revisions in decimal.
public enum ResourceVersion {
    /// Nil for empty text, which asks for the newest; 0 asks for any.
    /// - Throws: `badRequest` for text that is no number.
    public static func parse(_ text: String) throws(APIStatus) -> UInt64? {
        if text.isEmpty { return nil }
        let isDecimal = text.utf8.allSatisfy(ByteClass.digit.contains)
        if isDecimal, let revision = UInt64(text) { return revision }
        let problem = isDecimal ? "value out of range" : "invalid syntax"
        let error = FieldError.invalid(
            FieldPath("resourceVersion"), .string(text),
            "strconv.ParseUint: parsing \(text.quoted): \(problem)")
        throw .badRequest("invalid resource version: \(error)")
    }
}

// Who owns fields, and by which kind of write.

/// A manager of fields, as `metadata.managedFields` tells managers apart.
public struct FieldOwner: Hashable, Sendable {
    /// How the fields were written.
    public enum Operation: String, Hashable, Sendable {
        case apply = "Apply"
        /// Everything else.
        case update = "Update"
    }

    public var name: String
    public var operation: Operation
    /// The version of the API that was spoken. It does not tell appliers apart: who applies in
    /// another version goes on with what was applied before.
    public var apiVersion: String
    /// Empty for a write of the object itself.
    public var subresource: String

    public init(_ name: String, _ operation: Operation, apiVersion: String, subresource: String) {
        self.name = name
        self.operation = operation
        self.apiVersion = apiVersion
        self.subresource = subresource
    }

    /// Whether the two are one manager.
    public func isSame(as other: FieldOwner) -> Bool {
        name == other.name && operation == other.operation && subresource == other.subresource
            && (operation == .apply || apiVersion == other.apiVersion)
    }

    /// The name by default: of the client program, from its `User-Agent`.
    /// - Returns: what stands before the first slash, without what cannot be printed, at most
    ///   `byteCountMax` bytes of it.
    public static func name(ofUserAgent userAgent: String, byteCountMax: Int) -> String {
        var name = ""
        for scalar in userAgent.unicodeScalars {
            if scalar == "/" { break }
            guard scalar.isShown else { continue }
            guard name.utf8.count + UTF8.width(scalar) <= byteCountMax else { break }
            name.unicodeScalars.append(scalar)
        }
        return name
    }
}

extension Unicode.Scalar {
    /// Letters, marks, numbers, punctuation, symbols, and the plain space.
    fileprivate var isShown: Bool {
        if self == " " { return true }
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator, .spaceSeparator:
            return false
        default: return true
        }
    }
}

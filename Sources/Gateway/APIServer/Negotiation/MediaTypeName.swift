import Buffers

/// The `type/subtype` of a media type, without its parameters (RFC 9110 section 8.3.1).
struct MediaTypeName {
    private let bytes: Bytes

    init(_ field: Bytes) { bytes = field }

    var lowercased: String {
        let text = bytes.description
        let name = text.prefix { $0 != ";" }
        return name.trimmed.lowercased()
    }
}

extension Substring {
    /// Without leading and trailing spaces and tabs.
    var trimmed: Substring {
        var text = self
        while let first = text.first, first == " " || first == "\t" { text = text.dropFirst() }
        while let last = text.last, last == " " || last == "\t" { text = text.dropLast() }
        return text
    }
}

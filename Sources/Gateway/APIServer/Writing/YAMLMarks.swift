// Byte order marks at the beginning of scalars, which Yams' way to make strings takes for none of
// their characters.

/// A YAML document in which no scalar begins with a byte order mark: a character that occurs
/// nowhere in the document stands before each of them.
struct YAMLMarks {
    /// The document, to be parsed in the place of the given one.
    let text: String
    private let guardian: Unicode.Scalar?

    private static let mark: Unicode.Scalar = "\u{feff}"
    private static let digits = "feff"

    init(_ text: String) {
        let lowercased = text.lowercased()
        guard text.unicodeScalars.contains(Self.mark) || lowercased.contains(Self.digits),
            let unused = Self.unused(in: lowercased)
        else {
            self.text = text
            guardian = nil
            return
        }
        guardian = unused
        self.text = Self.guarded(Array(text.unicodeScalars), by: unused)
    }

    /// A scalar of the document as it was.
    func restored(_ scalar: String) -> String {
        guard let guardian else { return scalar }
        return String(String.UnicodeScalarView(scalar.unicodeScalars.filter { $0 != guardian }))
    }

    /// A character for private use of which the text has neither itself nor its number.
    private static func unused(in lowercased: String) -> Unicode.Scalar? {
        (UInt32(0xe000)...0xf8ff).lazy.compactMap(Unicode.Scalar.init).first { scalar in
            !lowercased.unicodeScalars.contains(scalar)
                && !lowercased.contains(String(scalar.value, radix: 16))
        }
    }

    private static func guarded(
        _ scalars: [Unicode.Scalar], by guardian: Unicode.Scalar
    ) -> String {
        var guarded = String.UnicodeScalarView()
        for (index, scalar) in scalars.enumerated() {
            let previous: Unicode.Scalar = index == 0 ? "\n" : scalars[index - 1]
            // At the start of a line it is no part of the text, and behind a backslash no escape.
            let isMark = scalar == mark && previous != "\n"
            let isEscape =
                scalar == "\\" && previous != "\\" && isEscapedMark(scalars[(index + 1)...])
            if isMark || isEscape { guarded.append(guardian) }
            guarded.append(scalar)
        }
        return String(guarded)
    }

    /// Whether an escape goes on so, as `\uFEFF` does.
    private static func isEscapedMark(_ rest: ArraySlice<Unicode.Scalar>) -> Bool {
        func goesOn(_ digits: String) -> Bool {
            String(String.UnicodeScalarView(rest.dropFirst().prefix(digits.utf8.count)))
                .lowercased() == digits
        }
        return rest.first == "u" && goesOn(digits) || rest.first == "U" && goesOn("0000" + digits)
    }
}

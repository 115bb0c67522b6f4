// What is wrong with text that should have a format.

import APIModel
import JSON
import Patterns

extension CustomFormat {
    /// Whether schemas may name it although nothing is checked: it only says how text is meant.
    private static let onlyMeant: Set<CustomFormat> = [.password, .float, .double, .int32, .int64]

    /// `nil` when the text has the format.
    func problem(of text: String) -> String? {
        guard !Self.onlyMeant.contains(self), !isFine(text) else { return nil }
        return "must be of format \(rawValue)"
    }

    private func isFine(_ text: String) -> Bool {
        switch self {
        case .dateTime: Timestamp(text) != nil
        case .date: text.utf8.count == 10 && Timestamp(text + "T00:00:00Z") != nil
        case .duration: GoDuration(text) != nil
        case .ipv4: IPAddress(text)?.isIPv4 ?? false
        case .ipv6: IPAddress(text).map { !$0.isIPv4 } ?? false
        case .cidr: ValueFormat.cidr.isValid(text)
        case .byte: Base64.decode(text) != nil
        case .shortName: ValueFormat.dns1123Label.isValid(text)
        case .longName: ValueFormat.dns1123Subdomain.isValid(text)
        case .hostname: text.utf8.count <= 255 && Self.matches(.hostname, text)
        case .isbn: CustomFormat.isbn10.isFine(text) || CustomFormat.isbn13.isFine(text)
        case .isbn10: ISBN.isValid10(text)
        case .isbn13: ISBN.isValid13(text)
        default: Self.matches(self, text)
        }
    }

    private static func matches(_ format: CustomFormat, _ text: String) -> Bool {
        expressions[format]?.matches(text) ?? true
    }

    private static let expressions: [CustomFormat: RegularExpression] = {
        let hex = "[0-9a-f]"
        func uuid(_ version: String, _ variant: String) -> String {
            "(?i)^\(hex){8}-?\(hex){4}-?\(version)\(hex){3}-?\(variant)\(hex){3}-?\(hex){12}$"
        }
        let sources: [CustomFormat: String] = [
            .email: #"^[^@\s<>()\[\],;:"\\]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$"#,
            .hostname:
                "^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
                + #"(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\.?$"#,
            .mac:
                "(?i)^(\(hex){2}([:-]\(hex){2}){5}(([:-]\(hex){2}){2})?"
                + #"|[0-9a-f]{4}(\.[0-9a-f]{4}){2,3})$"#,
            .uri: #"^([A-Za-z][A-Za-z0-9+.-]*:[^\s]+|/[^\s]*)$"#,
            .uuid: uuid(hex, hex), .uuid3: uuid("3", hex), .uuid4: uuid("4", "[89ab]"),
            .uuid5: uuid("5", "[89ab]"),
            .ssn: #"^\d{3}[- ]?\d{2}[- ]?\d{4}$"#,
            .hexColor: "(?i)^#?(\(hex){3}|\(hex){6})$",
            .rgbColor: #"^rgb\(\s*\d{1,3}\s*,\s*\d{1,3}\s*,\s*\d{1,3}\s*\)$"#,
            .creditCard: #"^\d([ -]?\d){11,18}$"#,
            .objectID: "(?i)^\(hex){24}$",
        ]
        return sources.mapValues { source in
            do {
                return try RegularExpression(source)
            } catch {
                preconditionFailure("\(source): \(error)")
            }
        }
    }()
}

/// International Standard Book Numbers (ISO 2108), with spaces and hyphens anywhere.
private enum ISBN {
    static func isValid10(_ text: String) -> Bool {
        let digits = characters(text)
        guard digits.count == 10 else { return false }
        var sum = 0
        for (index, character) in digits.enumerated() {
            let isLast = index == 9
            guard let value = character == "X" && isLast ? 10 : character.wholeNumberValue else {
                return false
            }
            sum += value * (10 - index)
        }
        return sum % 11 == 0
    }

    static func isValid13(_ text: String) -> Bool {
        let digits = characters(text).compactMap(\.wholeNumberValue)
        guard digits.count == 13, characters(text).count == 13 else { return false }
        let sum = digits.enumerated().reduce(0) { $0 + $1.element * ($1.offset % 2 == 0 ? 1 : 3) }
        return sum % 10 == 0
    }

    private static func characters(_ text: String) -> [Character] {
        text.filter { $0 != "-" && $0 != " " }.map { $0 }
    }
}

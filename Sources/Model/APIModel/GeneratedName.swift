// Names that the server completes.

/// Names made from `generateName`.
public enum GeneratedName {
    /// Letters and digits that make no words and are hard to mistake: no vowels, no 0, 1 or 3.
    static let alphabet = Array("bcdfghjklmnpqrstvwxz2456789".utf8)

    /// `base` with five random characters. A long base is cut, so that the name fits a DNS label.
    public static func make(
        base: String, using random: inout some RandomNumberGenerator
    ) -> String {
        let room = Limits.generatedNameByteCountMax - Limits.generatedSuffixCount
        var name = Array(base.utf8.prefix(room))
        for _ in 0..<Limits.generatedSuffixCount {
            name.append(alphabet[Int.random(in: 0..<alphabet.count, using: &random)])
        }
        return String(decoding: name, as: UTF8.self)
    }

    public static func make(base: String) -> String {
        var random = SystemRandomNumberGenerator()
        return make(base: base, using: &random)
    }
}

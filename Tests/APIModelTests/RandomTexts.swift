// Random texts of given characters.

import SeedTesting

extension SeededGenerator {
    /// Up to `countMax` characters of `alphabet`.
    mutating func text(of alphabet: [Character], countMax: Int) -> String {
        let count = Int.random(in: 0...countMax, using: &self)
        return String((0..<count).map { _ in alphabet.randomElement(using: &self)! })
    }
}

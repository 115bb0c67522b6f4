import Testing

/// A public declaration in `Sources`.
private struct PublicDeclaration {
    let place: String
    let isDocumented: Bool

    /// What the reader knows from the protocol that asks for it, or from the type itself.
    private static let selfEvident = [
        "init", "static func ==", "static func <", "func hash(into", "var description", "extension",
        "var debugDescription", "var errorDescription", "let ", "var ", "case ", "typealias",
        "import ", "private(set) ",
        "static let ", "consuming func", "func encode", "mutating func next(",
        "struct Iterator", "func makeIterator",
    ]

    static func all(in file: SourceFile) -> [PublicDeclaration] {
        file.codeLines.enumerated().compactMap { index, code in
            let words = code.drop { $0 == " " }
            guard words.hasPrefix("public ") else { return nil }
            let declaration = words.dropFirst("public ".count)
            guard !selfEvident.contains(where: declaration.hasPrefix) else { return nil }
            return PublicDeclaration(
                place: file.place(index), isDocumented: isDocumented(index, in: file))
        }
    }

    /// Whether a doc comment stands above, with nothing but attributes between.
    private static func isDocumented(_ index: Int, in file: SourceFile) -> Bool {
        let above = file.lines[..<index].reversed().lazy.map { $0.drop { $0 == " " } }
        return above.first { !$0.hasPrefix("@") }?.hasPrefix("///") == true
    }
}

@Suite struct DocumentationTests {
    /// A ratchet: may be raised, and is not to be lowered.
    static let documentedPercentMin = 75

    @Test func `nearly every public declaration states its contract`() {
        let all = SourceTree.sources.filter(\.isSwift).flatMap(PublicDeclaration.all)
        let bare = all.filter { !$0.isDocumented }
        let percent = (all.count - bare.count) * 100 / max(all.count, 1)
        let list = bare.map(\.place).joined(separator: "\n")
        #expect(
            percent >= Self.documentedPercentMin,
            "\(percent) % of \(all.count) are documented; these are not:\n\(list)")
    }
}

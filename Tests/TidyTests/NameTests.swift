import Testing

@Suite struct NameTests {
    /// They name a pattern, not what the thing is for.
    static let bannedWords: Set<String> = [
        "Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Utilities", "Impl",
        "Implementation", "Base", "Misc",
    ]

    /// Besides the words above, names of files that say where things lie, not what they are.
    static let bannedFiles: Set<String> = ["Common", "Constants", "Extensions", "Shared", "Types"]

    @Test func `types are named after their role`() {
        for file in SourceTree.swift {
            for (index, line) in file.codeLines.enumerated() {
                for name in typeNames(in: line)
                where !Self.bannedWords.isDisjoint(with: words(name)) {
                    Issue.record("\(file.place(index)): \(name)")
                }
            }
        }
    }

    @Test func `files are named after an idea`() {
        for file in SourceTree.swift {
            let isBanned =
                Self.bannedFiles.contains(file.stem)
                || !Self.bannedWords.isDisjoint(with: words(file.stem))
            #expect(!isBanned, "\(file.path): the name is no idea")
            let isCapitalised = file.stem.first?.isUppercase == true
            #expect(isCapitalised || file.name == "main.swift", "\(file.path): not capitalised")
        }
    }

    /// The names that follow `struct`, `class` and the like on a line.
    private func typeNames(in line: String) -> [String] {
        let kinds = ["struct", "class", "enum", "actor", "protocol", "typealias", "associatedtype"]
        let parts = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }
        return zip(parts, parts.dropFirst()).compactMap { kind, name in
            kinds.contains(String(kind)) ? String(name) : nil
        }
    }

    /// `HTTP`, `Body` and `Reader` of `HTTPBodyReader`; digits stay with the letters before them.
    private func words(_ name: String) -> Set<String> {
        var words: [String] = [""]
        let letters = Array(name)
        for (index, letter) in letters.enumerated() {
            let startsLower = index + 1 < letters.count && letters[index + 1].isLowercase
            let followsLower = index > 0 && !letters[index - 1].isUppercase
            if letter.isUppercase, startsLower || followsLower { words.append("") }
            if letter.isLetter || letter.isNumber { words[words.count - 1].append(letter) }
        }
        return Set(words)
    }
}

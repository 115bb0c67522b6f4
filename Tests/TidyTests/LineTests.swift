import Testing

@Suite struct LineTests {
    static let columnCountMax = 100

    @Test func `no line is longer than 100 columns`() {
        for file in SourceTree.sources + SourceTree.tests {
            for (index, line) in file.lines.enumerated() where line.count > Self.columnCountMax {
                Issue.record("\(file.place(index)): \(line.count) columns")
            }
        }
    }

    @Test func `no line ends in white space and every file ends in one line break`() {
        for file in SourceTree.sources + SourceTree.tests {
            for (index, line) in file.lines.enumerated() where line.last?.isWhitespace == true {
                Issue.record("\(file.place(index)): white space at the end")
            }
            #expect(file.text.hasSuffix("\n"), "\(file.path): no line break at the end")
            #expect(!file.text.hasSuffix("\n\n"), "\(file.path): empty lines at the end")
        }
    }

    @Test func `no file defers work in a comment`() {
        // In two parts, so that this file passes its own rule.
        let markers = ["TO" + "DO", "FIX" + "ME", "XX" + "X:", "HA" + "CK:"]
        for file in SourceTree.sources + SourceTree.tests {
            for (index, line) in file.lines.enumerated() {
                for marker in markers where line.contains(marker) {
                    Issue.record("\(file.place(index)): \(marker)")
                }
            }
        }
    }

    @Test func `every unchecked Sendable has its reason on the next line`() {
        for file in SourceTree.swift {
            let code = file.codeLines
            for (index, line) in code.enumerated() where line.contains("@unchecked Sendable") {
                let next = index + 1 < file.lines.count ? file.lines[index + 1] : ""
                #expect(
                    next.drop { $0 == " " }.hasPrefix("// Reason:"),
                    "\(file.place(index)): the next line does not begin with // Reason:")
            }
        }
    }
}

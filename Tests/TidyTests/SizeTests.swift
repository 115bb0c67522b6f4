import Testing

/// Ratchets: a number here may be lowered, and is not to be raised.
@Suite struct SizeTests {
    /// A file is one idea; most stay under 300 lines.
    static let fileLineCountMax = 400

    /// Files that are longer, with the number of lines that they may have.
    static let longFiles: [String: Int] = [:]

    /// The lines of the longest function of each tree.
    static let functionLineCountMax = ["Sources": 40, "Tests": 40]

    @Test func `no file outgrows its limit`() {
        for file in SourceTree.swift {
            let limit = Self.longFiles[file.path] ?? Self.fileLineCountMax
            let count = file.lines.count - 1
            #expect(count <= limit, "\(file.path): \(count) lines, over \(limit)")
        }
    }

    @Test func `files listed as long are still there and still long`() {
        for (path, _) in Self.longFiles {
            let file = SourceTree.swift.first { $0.path == path }
            #expect((file?.lines.count ?? 0) - 1 > Self.fileLineCountMax, "\(path): take it off")
        }
    }

    @Test(arguments: ["Sources", "Tests"])
    func `no function is longer than the longest one was`(tree: String) {
        let limit = Self.functionLineCountMax[tree] ?? 0
        for file in SourceTree.swift where file.path.hasPrefix("\(tree)/") {
            for body in file.functions where body.lineCount > limit {
                Issue.record("\(file.place(body.line)): \(body.lineCount) lines, over \(limit)")
            }
        }
    }
}

import Testing

/// One `import` in a source.
private struct Import {
    let module: String
    let file: SourceFile
    let line: Int

    var place: String { file.place(line) }

    static func all(in files: [SourceFile]) -> [Import] {
        files.filter(\.isSwift).flatMap { file in
            file.codeLines.enumerated().compactMap { line, code in
                module(of: code).map { Import(module: $0, file: file, line: line) }
            }
        }
    }

    /// `JSON` of `@testable public import struct JSON.Value`.
    private static func module(of code: String) -> String? {
        var words = code.split(separator: " ").drop { word in
            word.hasPrefix("@") || ["public", "package", "internal", "private"].contains(word)
        }
        guard words.popFirst() == "import" else { return nil }
        let kinds = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
        if let kind = words.first, kinds.contains(String(kind)) { words = words.dropFirst() }
        return words.first.map { String($0.prefix { $0 != "." }) }
    }
}

@Suite struct ImportTests {
    @Test func `every module imports only what the table lists`() {
        let rules = Dictionary(uniqueKeysWithValues: ImportTable.modules.map { ($0.name, $0) })
        for use in Import.all(in: SourceTree.sources) {
            let rule = rules[use.file.target]
            let allowed = (rule?.imports ?? []).union(rule?.foreign ?? [])
                .union(ImportTable.toolchain).union(["Foundation"])
            #expect(
                allowed.contains(use.module),
                "\(use.place): \(use.file.target) imports \(use.module); see ImportTable.swift")
        }
    }

    @Test func `the table points downward only`() {
        var below = Set(ImportTable.modules.map(\.name))
        for rule in ImportTable.modules {
            below.remove(rule.name)
            #expect(rule.imports.isSubset(of: below), "\(rule.name) imports from above itself")
        }
    }

    @Test func `the table lists the groups and modules that are there`() {
        #expect(SourceTree.folders(in: "Sources") == ImportTable.groups.map(\.name).sorted())
        for group in ImportTable.groups {
            let listed = group.modules.map(\.name).sorted()
            #expect(SourceTree.folders(in: "Sources/\(group.name)") == listed)
        }
    }

    @Test func `each C module is imported by one Swift module`() {
        for use in Import.all(in: SourceTree.sources + SourceTree.tests) {
            guard let importer = ImportTable.importerOfC[use.module] else { continue }
            #expect(
                use.file.target == importer,
                "\(use.place): \(use.module) is \(importer)'s to import")
        }
    }

    @Test func `modules that are fuzzed and simulated own no queue`() {
        for use in Import.all(in: SourceTree.sources)
        where ImportTable.pure.contains(use.file.target) {
            #expect(use.module != "Dispatch", "\(use.place): \(use.file.target) does no I/O")
        }
    }

    @Test func `Foundation is imported only where the table says`() {
        for use in Import.all(in: SourceTree.swift) where use.module.hasPrefix("Foundation") {
            #expect(
                ImportTable.foundationUsers.contains(use.file.path),
                "\(use.place): imports \(use.module)")
        }
    }

    @Test func `SwiftNIO is imported nowhere`() {
        for use in Import.all(in: SourceTree.swift) {
            #expect(!use.module.hasPrefix("NIO"), "\(use.place): imports \(use.module)")
        }
    }
}

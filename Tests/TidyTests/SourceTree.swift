// The source tree as text. The one place in the tests that reads it.
import Foundation

/// A file of this repository, read whole.
struct SourceFile: Sendable {
    /// From the top of the repository, such as `Sources/Model/JSON/JSON.swift`.
    let path: String
    let text: String
    let lines: [Substring]
    /// The lines without comments, strings and quoted names; empty when it is no Swift.
    let codeLines: [String]
    let functions: [FunctionBody]

    init(path: String, text: String) {
        self.path = path
        self.text = text
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let code = CodeText(path.hasSuffix(".swift") ? text : "")
        codeLines = code.lines
        functions = FunctionBodies(code).found
    }

    var name: String { String(path.split(separator: "/").last ?? "") }

    /// The file's name without what follows its first dot.
    var stem: String { String(name.prefix { $0 != "." }) }

    var isSwift: Bool { name.hasSuffix(".swift") }

    /// The target that the file belongs to: `Sources/<group>/<target>/…` or `Tests/<target>/…`.
    var target: String {
        let parts = path.split(separator: "/")
        return String(parts[parts[0] == "Sources" ? 2 : 1])
    }

    /// `path:line`, as compilers print it.
    /// - Parameter index: counted from zero.
    func place(_ index: Int) -> String { "\(path):\(index + 1)" }
}

/// Every file of the repository that a rule speaks of.
enum SourceTree {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let sources = files(under: "Sources")
    static let tests = files(under: "Tests")
    static let swift = (sources + tests).filter(\.isSwift)

    private static let suffixes = ["swift", "c", "h", "modulemap", "py", "sh"]

    private static func files(under folder: String) -> [SourceFile] {
        let top = root.appending(path: folder).path
        guard let names = FileManager.default.enumerator(atPath: top) else {
            preconditionFailure("cannot read \(top)")
        }
        let wanted = names.compactMap { $0 as? String }.filter { name in
            suffixes.contains { name.hasSuffix(".\($0)") }
        }
        return wanted.sorted().map { name in
            let path = root.appending(path: "\(folder)/\(name)")
            do {
                let text = try String(contentsOf: path, encoding: .utf8)
                return SourceFile(path: "\(folder)/\(name)", text: text)
            } catch {
                preconditionFailure("cannot read \(path): \(error)")
            }
        }
    }

    /// The folders directly inside `folder`, which is given from the top of the repository.
    static func folders(in folder: String) -> [String] {
        let top = root.appending(path: folder)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: top.path)) ?? []
        return names.sorted().filter { name in
            var isFolder: ObjCBool = false
            let path = top.appending(path: name).path
            return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
                && isFolder.boolValue
        }
    }
}

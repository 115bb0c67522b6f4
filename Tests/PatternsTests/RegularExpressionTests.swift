import Testing

@testable import Patterns

@Suite struct RegularExpressionTests {
    @Test(
        arguments: [
            ("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "a-b", true),
            ("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "-b", false),
            ("b", "abc", true), ("^b", "abc", false), ("c$", "abc", true), ("b$", "abc", false),
            ("", "", true), ("^$", "", true), ("^$", "a", false),
            ("^a{2,3}$", "aa", true), ("^a{2,3}$", "aaaa", false), ("^a{2}$", "aa", true),
            ("^a{2,}$", "aaaaa", true), ("^a{,2}$", "a{,2}", true), ("^x{$", "x{", true),
            ("^(foo|bar)+$", "foobarfoo", true), ("^(?:foo|bar)$", "fo", false),
            ("(?i)^hello$", "HeLLo", true), ("^(?i:a)b$", "AB", false), ("(?i)^[a-c]$", "B", true),
            ("(?i)ä", "Ä", true), ("^.$", "ä", true), ("^.$", "\n", false), ("(?s)^.$", "\n", true),
            ("(?m)^b$", "a\nb\nc", true), ("^b$", "a\nb\nc", false),
            (#"^\d+\.\d+$"#, "1.25", true), (#"^\d+$"#, "१", false), (#"^\w+$"#, "a_1", true),
            (#"^\S+$"#, "a b", false), (#"\bfoo\b"#, "a foo b", true), (#"\bfoo\b"#, "afoo", false),
            (#"^[\d\-x]+$"#, "1-x", true), (#"^[^\d]$"#, "1", false), (#"^[]a]+$"#, "]a", true),
            (#"^[a\]]+$"#, "]a", true), ("^[[:alpha:]_]+$", "ab_", true),
            ("^[^[:digit:]]$", "5", false), (#"^\pL+$"#, "aß語", true), (#"^\p{Lu}$"#, "a", false),
            (#"^\P{L}$"#, "1", true), (#"^\x41\x{1F600}$"#, "A😀", true),
            (#"^\Qa.b\E$"#, "a.b", true),
            (#"^\Qa.b\E$"#, "axb", false), (#"^\101$"#, "A", true), ("^(?P<name>a)$", "a", true),
            ("^(?<name>a)$", "a", true), ("^a*?b$", "aab", true), ("a|", "x", true),
            (#"^(\*|[a-z]+)$"#, "*", true), ("^[*-,]$", "+", true), ("^()$", "", true),
        ])
    func `finds what RE2 finds`(source: String, text: String, isFound: Bool) throws {
        #expect(try RegularExpression(source).matches(text) == isFound)
    }

    @Test(
        arguments: [
            ("(", "missing closing ) at offset 0"), ("a)", "unexpected ) at offset 1"),
            ("[a", "missing closing ] at offset 0"),
            ("[b-a]", "invalid character class range at offset 0"),
            ("*a", "missing argument to repetition operator at offset 0"),
            ("a**", "missing argument to repetition operator at offset 0"),
            ("a{1001}", "invalid repeat count at offset 1"),
            ("a{3,2}", "invalid repeat count at offset 1"),
            ("a\\", "trailing backslash at end of expression at offset 1"),
            (#"(a)\1"#, #"invalid escape sequence \1 at offset 3"#),
            ("(?=a)", "invalid or unsupported Perl syntax (? at offset 0"),
            ("(?<!a)", "invalid or unsupported Perl syntax (? at offset 0"),
            (#"\p{Foo}"#, #"unknown character class \p{Foo} at offset 0"#),
            ("(((a{100}){100}){100})", "expression too large at offset 0"),
        ])
    func `is refused with where it is wrong`(source: String, message: String) {
        let error = #expect(throws: PatternError.self) { _ = try RegularExpression(source) }
        #expect(error?.description == message)
    }

    @Test func `the leftmost match is found, and of those the preferred one`() throws {
        #expect(try RegularExpression("a+").firstMatch(in: "baab") == 1..<3)
        #expect(try RegularExpression("a+?").firstMatch(in: "baab") == 1..<2)
        #expect(try RegularExpression("a|ab").firstMatch(in: "ab") == 0..<1)
        #expect(try RegularExpression("ab|a").firstMatch(in: "ab") == 0..<2)
        #expect(try RegularExpression("b").firstMatch(in: "äbb", from: 3) == 3..<4)
        #expect(try RegularExpression("x").firstMatch(in: "aab") == nil)
    }

    /// A backtracking matcher would not come to an end here.
    @Test func `a text that many ways lead through is matched in one pass`() throws {
        let text = String(repeating: "a", count: 20_000)
        #expect(try !RegularExpression("^(a+)+$").matches(text + "b"))
        #expect(try RegularExpression("^(a|a)*$").matches(text))
    }

    @Test func `random expressions find what a backtracking matcher finds`() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<3000 {
            let source = Self.expression(depth: 3, &generator)
            let text = Self.text(&generator)
            var parser = PatternParser(source)
            let node = try parser.parse()
            #expect(
                try RegularExpression(source).matches(text) == Backtracker(text).isFound(node),
                "\(source) in \(text)")
        }
    }

    private static func text(_ generator: inout some RandomNumberGenerator) -> String {
        let letters = Array("abä \n")
        return String(
            (0..<Int.random(in: 0...8, using: &generator)).map { _ in
                letters.randomElement(using: &generator) ?? "a"
            })
    }

    private static func expression(
        depth: Int, _ generator: inout some RandomNumberGenerator
    ) -> String {
        let leaves = [
            "a", "b", "ä", ".", "[ab]", "[^a]", "\\s", "^", "$", "\\b", "\\B", "(?i:A)", "",
        ]
        guard depth > 0 else { return leaves.randomElement(using: &generator) ?? "a" }
        let first = expression(depth: depth - 1, &generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: return first
        case 1: return first + expression(depth: depth - 1, &generator)
        case 2: return "(\(first)|\(expression(depth: depth - 1, &generator)))"
        case 3:
            let suffix = ["*", "+", "?", "{2}", "{1,2}", "{0,}", "*?"]
            return "(\(first))" + (suffix.randomElement(using: &generator) ?? "*")
        default: return "(\(first))"
        }
    }
}

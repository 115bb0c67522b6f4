import Testing

@Suite struct CodeTextTests {
    @Test(arguments: [
        ("let a = 1 // }", "let a = 1     "),
        ("/* { /* { */ } */ b", "                  b"),
        (#"f("}\(g("{")){") {"#, #"f(             ) {"#),
        (##"let r = #"" {"# {"##, ##"let r =         {"##),
        ("func `a { b`() {", "func        () {"),
        ("let s = \"\"\"\n  }\n  \"\"\" {", "let s =    \n   \n      {"),
    ])
    func `comments, strings and quoted names are blanked`(source: String, code: String) {
        #expect(String(decoding: CodeText(source).bytes, as: UTF8.self) == code)
    }

    @Test func `bodies are found, requirements and calls are not`() {
        let source = """
            protocol P {
                func required() async -> Int
                init(a: Int)
            }
            struct S {
                init() { self = .init(1) }
                func long(
                    _ a: () -> Void = {}
                ) -> Int
                where A: B {
                    let x = { 1 }
                    return x()
                }
                deinit {
                }
            }
            """
        let bodies = FunctionBodies(CodeText(source)).found
        #expect(bodies.map(\.line) == [5, 6, 13])
        #expect(bodies.map(\.lineCount) == [1, 7, 2])
    }
}

import APIModel
import JSON
import Testing

@Suite struct FieldErrorTests {
    @Test func `paths print members, elements and map entries`() {
        let containers = FieldPath("spec", "containers")
        #expect(containers.index(0).child("name").description == "spec.containers[0].name")
        #expect(FieldPath("metadata", "labels").key("a.b").description == "metadata.labels[a.b]")
        #expect(FieldPath.root.description == "<nil>")
        #expect(FieldPath.root.child("x") == FieldPath("x"))
        #expect(containers.index(0) != containers.index(1))
        #expect(Set([FieldPath("a", "b"), FieldPath("a").child("b")]).count == 1)
    }

    @Test func `each kind prints in the API's words`() {
        let path = FieldPath("f")
        let cases: [(FieldError, String)] = [
            (.required(path), "f: Required value"),
            (.required(path, "do"), "f: Required value: do"),
            (.invalid(path, "a\"b", "no"), #"f: Invalid value: "a\"b": no"#),
            (.invalid(path, 1.5, "no"), "f: Invalid value: 1.5: no"),
            (.invalid(path, nil, "no"), "f: Invalid value: no"),
            (.invalid(path, .null, "no"), "f: Invalid value: null: no"),
            (.invalid(path, ["a": [true]], "no"), #"f: Invalid value: {"a":[true]}: no"#),
            (.typeInvalid(path, "x", "no"), #"f: Invalid value: "x": no"#),
            (
                .notSupported(path, "x", supported: ["A", "B"]),
                #"f: Unsupported value: "x": supported values: "A", "B""#
            ),
            (.duplicate(path, "x"), #"f: Duplicate value: "x""#),
            (.forbidden(path, "no"), "f: Forbidden: no"),
            (.notFound(path, "x"), #"f: Not found: "x""#),
            (.internalError(path, "oh"), "f: Internal error: oh"),
            (.tooLong(path, byteCountMax: 63), "f: Too long: may not be more than 63 bytes"),
            (.tooMany(path, count: 5, countMax: 3), "f: Too many: 5: must have at most 3 items"),
            (.tooMany(path, count: 2, countMax: 1), "f: Too many: 2: must have at most 1 item"),
        ]
        for (error, text) in cases { #expect(error.description == text) }
    }

    @Test func `quoting shows what does not print`() {
        #expect("a\tb\\\"\u{1}\u{7f}é\u{200b}".quoted == #""a\tb\\\"\x01\x7fé\u200b""#)
    }
}

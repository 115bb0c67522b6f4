import APIModel
import JSON
import SeedTesting
import Testing

@Suite struct LabelSelectorTests {
    private let labels = ["tier": "a", "n": "4", "app": "web"]

    @Test(arguments: [
        ("", true), ("tier=a", true), ("tier==a", true), ("tier=b", false), ("tier!=a", false),
        ("none!=a", true), ("tier in (a,b)", true), ("tier in (b)", false), ("none in (a)", false),
        ("tier notin (a)", false), ("none notin (a)", true), ("n", true), ("!n", false),
        ("!none", true), ("none", false), ("n>3", true), ("n>4", false), ("n<5", true),
        ("n < 4", false), ("tier>3", false), ("none>3", false), (" tier = a , n ", true),
        ("tier=a,n=5", false), ("none=", false), ("in in (in)", false), ("tier in (a,)", true),
    ])
    func `labels match a selector`(text: String, expected: Bool) throws {
        #expect(try LabelSelector(parsing: text).matches(labels) == expected)
    }

    @Test(arguments: [
        ("n in (", "unable to parse requirement: found '', expected: ',', ')' or identifier"),
        ("tier=a b", "found 'b', expected: ',' or 'end of string'"),
        ("a,", "found '', expected: identifier after ','"),
        (",a", "found ',', expected: !, identifier, or 'end of string'"),
        ("!", "unable to parse requirement: found '', expected: identifier"),
        ("a ! b", "unable to parse requirement: found '!', expected: in, notin, =, ==, !=, gt, lt"),
        ("a in b", "unable to parse requirement: found 'b' expected: '('"),
        ("a in (b c)", "unable to parse requirement: found 'c', expected: ',' or ')'"),
        ("a=(", "unable to parse requirement: found '(', expected: identifier"),
        (
            "a>x",
            "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', "
                + "'Lt' operators, "
                + "the value must be an integer"
        ),
    ])
    func `what cannot be read is refused with what was expected`(text: String, message: String) {
        #expect(throws: APIStatus.badRequest(message)) { try LabelSelector(parsing: text) }
    }

    @Test(arguments: ["a$=b", "a=b$", "x/y/z", "a in (-)"])
    func `keys and values must be valid`(text: String) {
        #expect(throws: APIStatus.self) { try LabelSelector(parsing: text) }
    }

    @Test(arguments: [
        ("b=1,a in (y,x,y),!c,d,e>3,f!=2", "a in (x,y),b=1,!c,d,e>3,f!=2"), ("a==b", "a==b"),
        ("a=", "a="), ("a in ()", "a in ()"),
    ])
    func `a selector prints sorted and is read back the same`(text: String, printed: String) throws
    {
        let selector = try LabelSelector(parsing: text)
        #expect(selector.description == printed)
        #expect(try LabelSelector(parsing: printed) == selector)
    }

    @Test func `an index can ask for the one value of a key`() throws {
        let selector = try LabelSelector(parsing: "a in (x),b=y,c in (p,q),d!=z")
        #expect(selector.exactValue(of: "a") == "x")
        #expect(selector.exactValue(of: "b") == "y")
        #expect(selector.exactValue(of: "c") == nil)
        #expect(selector.exactValue(of: "d") == nil)
    }

    @Test func `no selector object selects nothing, an empty one everything`() throws {
        #expect(try !LabelSelector(object: nil).matches(labels))
        #expect(try LabelSelector(object: [:]).matches([:]))
        let selector = try LabelSelector(object: [
            "matchLabels": ["app": "web"],
            "matchExpressions": [
                ["key": "tier", "operator": "In", "values": ["a", "b"]],
                ["key": "gone", "operator": "DoesNotExist"],
            ],
        ])
        #expect(selector.matches(labels))
        #expect(selector.description == "app=web,!gone,tier in (a,b)")
    }

    @Test func `a selector object is checked`() {
        let object: JSONValue = [
            "matchLabels": ["a b": "c"],
            "matchExpressions": [
                ["key": "k", "operator": "In"],
                ["key": "k", "operator": "Exists", "values": ["x"]],
                ["key": "k", "operator": "Near"],
            ],
        ]
        let errors = LabelSelector.errors(inObject: object, at: FieldPath("spec", "selector"))
        #expect(
            errors.map { String($0.description.prefix(60)) } == [
                "spec.selector.matchLabels: Invalid value: \"a b\": name part must "
                    .prefixed(60),
                "spec.selector.matchExpressions[0].values: Required value: must be specified"
                    .prefixed(60),
                "spec.selector.matchExpressions[1].values: Forbidden: may not be specified"
                    .prefixed(60),
                "spec.selector.matchExpressions[2].operator: Invalid value: \"Near\": not"
                    .prefixed(60),
            ])
    }

    @Test func `no text makes the parsers crash`() {
        var random = SeededGenerator()
        let seed = random.seed
        for _ in 0..<5_000 {
            let text = random.text(of: Array("ab1=!<>(), \\\u{0}é.-/ionst"), countMax: 24)
            if let selector = try? LabelSelector(parsing: text) {
                let again = try? LabelSelector(parsing: selector.description)
                #expect(again == selector, "seed \(seed): \(text.quoted)")
            }
            if let selector = try? FieldSelector(parsing: text) {
                let again = try? FieldSelector(parsing: selector.description)
                #expect(again == selector, "seed \(seed): \(text.quoted)")
            }
        }
    }
}

@Suite struct FieldSelectorTests {
    private let fields = ["metadata.name": "x", "status.phase": "Running"]

    @Test(arguments: [
        ("", true), ("metadata.name=x", true), ("metadata.name==x", true),
        ("metadata.name!=x", false), ("metadata.name=x,status.phase!=Failed", true),
        ("spec.nodeName=", true), ("spec.nodeName!=", false), (",metadata.name=x,", true),
    ])
    func `fields match a selector`(text: String, expected: Bool) throws {
        #expect(try FieldSelector(parsing: text).matches { fields[$0] } == expected)
    }

    @Test func `a backslash takes the meaning from what follows`() throws {
        let selector = try FieldSelector(parsing: #"a=x\,y\=z\\,b!=1"#)
        #expect(
            selector.requirements == [
                FieldSelector.Requirement(field: "a", value: #"x,y=z\"#),
                FieldSelector.Requirement(field: "b", isEquality: false, value: "1"),
            ])
        #expect(selector.description == #"a=x\,y\=z\\,b!=1"#)
        #expect(selector.exactValue(of: "a") == #"x,y=z\"#)
        #expect(selector.exactValue(of: "b") == nil)
    }

    @Test(arguments: [
        ("metadata.name", "invalid selector: 'metadata.name'; can't understand 'metadata.name'"),
        ("a=1,b", "invalid selector: 'a=1,b'; can't understand 'b'"),
        ("a=b=c", "invalid field selector: unescaped character in value: ="),
        (#"a=\n"#, #"invalid field selector: invalid escape sequence: \n"#),
    ])
    func `what cannot be read is refused`(text: String, message: String) {
        #expect(throws: APIStatus.badRequest(message)) { try FieldSelector(parsing: text) }
    }

    @Test func `a field that cannot be selected is named`() throws {
        let selector = try FieldSelector(parsing: "data.a=1")
        let message =
            #""data.a" is not a known field selector: only "metadata.name", "metadata.namespace""#
        #expect(throws: APIStatus.badRequest(message)) {
            try selector.checkFields(["metadata.name", "metadata.namespace"])
        }
    }
}

extension String {
    fileprivate func prefixed(_ count: Int) -> String { String(prefix(count)) }
}

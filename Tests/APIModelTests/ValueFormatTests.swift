import APIModel
import Testing

@Suite struct ValueFormatTests {
    @Test(
        arguments: [
            (ValueFormat.dns1123Label, ["a", "a-b", "0", "x9", String(repeating: "a", count: 63)]),
            (.dns1123Subdomain, ["a", "a.b", "1.2-3", String(repeating: "a", count: 253)]),
            (.dns1035Label, ["a", "a-0"]),
            (.qualifiedName, ["app", "example.com/App_1", "a.b/c", "A", "1-2"]),
            (.labelValue, ["", "a", "A_b-c.d", "1"]),
            (.configMapKey, ["a", ".hidden", "a..b", "KEY_1"]),
            (.envVarName, ["A", "1 b", "a!b", "~"]),
            (.portName, ["http", "a", "1a", "a-b"]),
            (.pathSegmentName, ["a", "A:b", "...", "x y"]),
            (
                .ip,
                [
                    "10.0.0.1", "255.255.255.255", "::", "::1", "2001:db8::ff", "1:2:3:4:5:6:7:8",
                    "::ffff:1.2.3.4", "1::", "1:2:3:4:5:6:1.2.3.4",
                ]
            ),
            (.cidr, ["10.0.0.0/8", "0.0.0.0/0", "::/0", "2001:db8::/64", "::1/128"]),
            (.quantity, ["1", "500m", "1.5Gi", "-1e3"]),
            (.percent, ["0%", "100%", "250%"]),
            (.absolutePath, ["/", "/a/b"]),
            (.httpHeaderName, ["Accept", "X-1", "-"]),
            (
                .uuid,
                ["177cf7d1-8352-4359-a1b4-39bbbf379bdf", "00000000-0000-0000-0000-00000000ABCD"]
            ),
        ] as [(ValueFormat, [String])])
    func `valid text has no problems`(format: ValueFormat, values: [String]) {
        for value in values { #expect(format.check(value) == [], "\(format.rawValue): \(value)") }
    }

    @Test(
        arguments: [
            (ValueFormat.dns1123Label, ["", "A", "a.b", "-a", "a-", "a_b", "é"]),
            (.dns1123Subdomain, ["", ".", "a..b", "a.", ".a", "A.b", "a-.b", "a\u{0}"]),
            (.dns1035Label, ["", "1a", "a-", "A"]),
            (.qualifiedName, ["", "/", "a/", "/a", "a/b/c", "a b", "A/b", "-a", "a."]),
            (.labelValue, ["-", "a ", "a-", String(repeating: "a", count: 64)]),
            (.configMapKey, ["", ".", "..", "..a", "a/b", String(repeating: "a", count: 254)]),
            (.envVarName, ["", "a=b", "a\tb", "é"]),
            (.portName, ["", "1", "a--b", "-a", "a-", "A", "abcdefghijklmnop"]),
            (.pathSegmentName, [".", "..", "a/b", "50%"]),
            (
                .ip,
                [
                    "", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "1.2.3.x", ":", ":::",
                    "1::2::3",
                    "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "fe80::1%eth0",
                    "1:2:3:4:5:6:7::8",
                    "1.2.3.4::", " 1.2.3.4",
                ]
            ),
            (
                .cidr,
                [
                    "10.0.0.0", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/08", "/8",
                    "1.2.3.4/8/8",
                ]
            ),
            (.quantity, ["", "1.2.3", "1mm", "Gi"]),
            (.percent, ["", "%", "1", "-1%", "1.5%"]),
            (.absolutePath, ["", "a", "./a"]),
            (.httpHeaderName, ["", "a b", "a_b"]),
            (
                .uuid,
                ["", "177cf7d1-8352-4359-a1b4-39bbbf379bd", "177cf7d1x8352-4359-a1b4-39bbbf379bdf"]
            ),
        ] as [(ValueFormat, [String])])
    func `invalid text has problems`(format: ValueFormat, values: [String]) {
        for value in values { #expect(!format.isValid(value), "\(format.rawValue): \(value)") }
    }

    @Test func `a message carries the pattern and its examples`() {
        #expect(
            ValueFormat.dns1123Label.check("UPPER") == [
                "a lowercase RFC 1123 label must consist of lower case alphanumeric "
                    + "characters or '-', "
                    + "and must start and end with an alphanumeric character (e.g. 'my-name',  or "
                    + "'123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
            ])
        #expect(
            ValueFormat.percent.check("x")[0].hasSuffix(
                "(e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"))
    }

    @Test func `several problems are all told`() {
        let tooLongAndWrong = String(repeating: "A", count: 64)
        let problems = ValueFormat.dns1123Label.check(tooLongAndWrong)
        #expect(problems.count == 2)
        #expect(problems.first == "must be no more than 63 bytes")
        #expect(
            ValueFormat.portName.check("-") == [
                "must contain at least one letter (a-z)", "must not begin or end with a hyphen",
            ])
        #expect(
            ValueFormat.qualifiedName.check("/").first == "prefix part must be non-empty")
        #expect(ValueFormat.qualifiedName.check("")[0] == "name part must be non-empty")
    }

    @Test func `formats are found by the name that the OpenAPI documents use`() {
        #expect(ValueFormat(rawValue: "dns1123-label") == .dns1123Label)
        #expect(ValueFormat(rawValue: "absolute-path") == .absolutePath)
        #expect(ValueFormat(rawValue: "nothing") == nil)
    }
}

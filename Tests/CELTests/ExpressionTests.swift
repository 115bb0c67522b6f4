import JSON
import Testing

@testable import CEL

/// The variables that the tables speak of.
enum Sample {
    static let object: JSONValue = [
        "name": "web", "replicas": 3, "ratio": 0.5, "ready": true, "tags": ["a", "b", "c"],
        "limits": ["cpu": "500m", "memory": "1Gi"], "started": "2026-01-02T03:04:05Z",
        "for": "1h30m", "a-b": "dashed", "namespace": "ns",
        "ports": [["name": "http", "port": 80], ["name": "https", "port": 443]],
    ]

    static let port = ObjectType(name: "port", fields: ["name": .string, "port": .int])
    static let type = ObjectType(
        name: "object",
        fields: [
            "name": .string, "replicas": .int, "ratio": .double, "ready": .bool,
            "tags": .list(.string), "limits": .map(.string, .string), "started": .timestamp,
            "__for__": .duration, "a__dash__b": .string, "ports": .list(.object(port)),
            "absent": .string, "__namespace__": .string, "any": .dyn,
        ])
    static let environment = Environment(["self": .object(type), "x": .dyn])

    static func evaluate(_ source: String) throws -> Value {
        let program = try Program(source, in: environment)
        var budget = Budget()
        return try program.evaluate(
            ["self": Value(object, as: .object(type)), "x": Value(["k": 1, "n": .null])],
            budget: &budget)
    }
}

@Suite struct ExpressionTests {
    @Test(
        arguments: [
            // Literals and operators
            ("1 + 2 * 3", "7"), ("(1 + 2) * 3", "9"), ("-7 / 2", "-3"), ("-7 % 3", "-1"),
            ("2u + 3u", "5"), ("1.5 + 1.5", "3"), ("'a' + \"b\"", "ab"), ("0x1F", "31"),
            ("1 < 2 && 2 <= 2", "true"), ("1 < 1.5", "true"), ("1u >= 1", "true"),
            ("!true || false", "false"), ("true ? 1 : 2", "1"), ("r'\\n' == '\\\\n'", "true"),
            ("'''a\nb'''.size()", "3"), ("b'ab'.size()", "2"), ("'\\u00e4\\x41'", "äA"),
            ("[1, 2] + [3]", "[1, 2, 3]"), ("{'a': 1}['a']", "1"), ("2 in [1, 2]", "true"),
            ("'a' in {'a': 1}", "true"), ("[1, 2] == [1, 2]", "true"), ("null == null", "true"),
            ("{'a': 1, 'b': 2} == {'b': 2, 'a': 1}", "true"), ("-(-3)", "3"), ("1e3", "1000"),
            // Fields
            ("self.name", "web"), ("self.replicas + 1", "4"), ("self.ratio * 2.0", "1"),
            ("has(self.name)", "true"), ("has(self.absent)", "false"),
            ("self.a__dash__b", "dashed"),
            ("self.__namespace__", "ns"), ("self.ports[1].port", "443"),
            ("self.limits.cpu", "500m"),
            ("self.limits['memory']", "1Gi"), ("has(self.limits.gpu)", "false"),
            ("self.?absent.orValue('none')", "none"), ("self.?name.orValue('none')", "web"),
            ("self.limits[?'gpu'].hasValue()", "false"), ("x.k == 1", "true"),
            ("has(x.n)", "false"),
            ("'name' in self", "true"),
            // Macros
            ("self.tags.all(t, t.size() == 1)", "true"), ("self.tags.exists(t, t == 'b')", "true"),
            ("self.tags.exists_one(t, t > 'b')", "true"),
            ("self.tags.filter(t, t != 'b')", "[a, c]"),
            ("self.tags.map(t, t + '!')", "[a!, b!, c!]"),
            ("[1, 2, 3].map(n, n > 1, n * 10)", "[20, 30]"),
            ("self.limits.all(k, k in ['cpu', 'memory'])", "true"),
            ("self.ports.map(p, p.port).sum()", "523"),
            ("self.ports.all(p, self.ports.exists_one(q, q.name == p.name))", "true"),
            // One side is enough
            ("true || 1 / 0 > 0", "true"), ("1 / 0 > 0 || true", "true"),
            ("false && 1 / 0 > 0", "false"), ("[0, 1].exists(n, 1 / n == 1)", "true"),
        ])
    func `evaluates`(source: String, result: String) throws {
        #expect(try Sample.evaluate(source).shown == result)
    }

    @Test(
        arguments: [
            ("'hello'.startsWith('he')", "true"), ("'hello'.endsWith('lo')", "true"),
            ("'hello'.contains('ell')", "true"), ("'abc'.matches('^[a-c]+$')", "true"),
            ("matches('abc', 'd')", "false"), ("'äbc'.charAt(1)", "b"), ("'äb'.size()", "2"),
            ("'abcabc'.indexOf('c')", "2"), ("'abcabc'.indexOf('c', 3)", "5"),
            ("'abcabc'.lastIndexOf('a')", "3"), ("'abc'.indexOf('x')", "-1"),
            ("'ÄbC'.lowerAscii()", "Äbc"), ("'abC'.upperAscii()", "ABC"),
            ("'a-b-c'.replace('-', '+')", "a+b+c"), ("'a-b-c'.replace('-', '+', 1)", "a+b-c"),
            ("'a,b,c'.split(',')", "[a, b, c]"), ("'a,b,c'.split(',', 2)", "[a, b,c]"),
            ("'abc'.split('')", "[a, b, c]"), ("['a', 'b'].join('-')", "a-b"),
            ("'hello'.substring(1, 3)", "el"), ("'hello'.substring(3)", "lo"),
            ("' \\ta '.trim()", "a"), ("'abc'.reverse()", "cba"),
            ("strings.quote('a\"b')", "\"a\\\"b\""),
            ("'%s is %d of %.2f'.format(['a', 3, 1.5])", "a is 3 of 1.50"),
            ("'%x'.format([255])", "ff"),
            ("'a1b22'.findAll('[0-9]+')", "[1, 22]"), ("'a1b22'.find('[0-9]+')", "1"),
            ("[3, 1, 2].max()", "3"), ("[3, 1, 2].min()", "1"), ("[1, 2, 2].isSorted()", "true"),
            ("[1, 2, 1].indexOf(1)", "0"), ("[1, 2, 1].lastIndexOf(1)", "2"),
            ("sets.contains([1, 2], [2])", "true"), ("sets.intersects([1], [2])", "false"),
            ("sets.equivalent([1, 1, 2], [2, 1])", "true"), ("optional.none().hasValue()", "false"),
            ("int('42') + int(3.9)", "45"), ("string(42)", "42"), ("double('1.5')", "1.5"),
            ("bool('true')", "true"), ("uint(7)", "7"), ("string(b'ab')", "ab"),
            ("type(1) == int", "true"),
            ("string(duration('90s'))", "90s"), ("duration('1h') < duration('61m')", "true"),
            ("self.__for__.getMinutes()", "90"),
            ("timestamp('2026-01-02T03:04:05Z') == self.started", "true"),
            ("self.started.getFullYear()", "2026"), ("self.started.getMonth()", "0"),
            ("self.started.getDate()", "2"), ("self.started.getDayOfWeek()", "5"),
            ("timestamp('2024-12-31T00:00:00Z').getDayOfYear()", "365"),
            ("self.started.getHours('+02:30')", "5"),
            ("string(self.started + duration('1m'))", "2026-01-02T03:05:05Z"),
            ("self.started - timestamp('2026-01-02T03:04:00Z') == duration('5s')", "true"),
            ("quantity('1Gi').isGreaterThan(quantity('500M'))", "true"),
            ("isQuantity('1x')", "false"),
            ("quantity('1500m').asInteger() == 1 || true", "true"),
            ("quantity('2k').asInteger()", "2000"),
            ("quantity('1').add(quantity('500m')).compareTo(quantity('1.5'))", "0"),
            ("url('https://u@example.com:80/a?b=c').getHost()", "example.com:80"),
            ("url('https://[::1]:80/a?b=c&b=d').getQuery()['b'].size()", "2"),
            ("isURL('a b')", "false"),
            ("url('https://[::1]:80/a').getHostname()", "::1"), ("isIP('::1')", "true"),
            ("isIP('1.2.3')", "false"),
            ("ip('127.0.0.1').isLoopback()", "true"),
            ("ip('fe80::1').isLinkLocalUnicast()", "true"),
            ("ip.isCanonical('2001:DB8::1')", "false"),
            ("string(ip('2001:db8:0:0::1'))", "2001:db8::1"),
            ("cidr('10.0.0.0/8').containsIP('10.1.2.3')", "true"),
            ("isCIDR('10.0.0.0/33')", "false"),
            ("cidr('10.0.0.0/8').containsCIDR(cidr('10.1.0.0/16'))", "true"),
            ("string(cidr('192.168.1.7/24').masked())", "192.168.1.0/24"),
            ("cidr('::/64').prefixLength()", "64"),
        ])
    func `has the functions of the language and of Kubernetes`(
        source: String, result: String
    ) throws {
        #expect(try Sample.evaluate(source).shown == result)
    }

    @Test(
        arguments: [
            ("1 +", "1:4: Syntax error: unexpected '<EOF>'"),
            ("self.nope", "1:5: undefined field 'nope'"),
            ("nope == 1", "1:1: undeclared reference to 'nope' (in container '')"),
            ("true &&\n self.nope", "2:6: undefined field 'nope'"),
            ("1 + 'a'", "1:3: found no matching overload for '_+_' applied to '(int, string)'"),
            (
                "self.name == 1",
                "1:11: found no matching overload for '_==_' applied to '(string, int)'"
            ),
            ("self.name.frobnicate()", "undeclared reference to 'frobnicate'"),
            (
                "self.name.startsWith(1)",
                "found no matching overload for 'startsWith' applied to 'string.(int)'"
            ),
            ("self.tags.all(t, t)", "1:18: expected type 'bool' but found 'string'"),
            ("self.name.all(t, true)", "cannot be range of a comprehension"),
            ("self.name.x", "type 'string' does not support field selection"),
            ("has(self)", "invalid argument to has() macro"), ("for", "reserved identifier: for"),
            ("'abc'.matches('(')", "invalid matches argument: missing closing )"),
            ("Foo{a: 1}", "unsupported: construction of messages"), ("'a", "Syntax error"),
            ("self.tags['a']", "found no matching overload for '_[_]'"),
            ("1 # 2", "token recognition error"),
            ("true ? 1 : 'a'", "found no matching overload for '_?_:_'"), ("[?1]", "unsupported"),
            ("self.tags.all(i, t, true)", "unsupported: all() with two variables"),
        ])
    func `is refused where it makes no sense`(source: String, message: String) {
        let error = #expect(throws: CompilationError.self) {
            _ = try Program(source, in: Sample.environment)
        }
        #expect(error?.description.contains(message) == true, "\(error as Any)")
    }

    @Test(
        arguments: [
            ("1 / 0", "division by zero"), ("1 % 0", "modulus by zero"),
            ("self.tags[3]", "index out of bounds: 3"),
            ("self.absent", "no such key: absent"), ("self.limits.gpu", "no such key: gpu"),
            ("9223372036854775807 + 1", "integer overflow"), ("int('x')", "type conversion error"),
            ("x.k.y == 1", "no such overload"), ("'a'.substring(3)", "index out of range"),
            ("optional.none().value()", "optional.none() dereference"),
            ("[].max() == 1", "max called on empty list"),
            ("quantity('x').sign()", "quantity"), ("false || 1 / 0 > 0", "division by zero"),
        ])
    func `has no value, and says why`(source: String, message: String) throws {
        let error = #expect(throws: EvaluationError.self) { _ = try Sample.evaluate(source) }
        #expect(error?.description.contains(message) == true, "\(error as Any)")
    }

    @Test func `what takes too long is cut off, and nothing hides it`() throws {
        let numbers = Value(.array((0..<300).map { .number(JSONNumber(Int64($0))) }))
        let environment = Environment(["n": .list(.int)])
        let source = "true && n.all(a, n.all(b, n.all(c, a + b + c >= 0)))"
        let program = try Program(source, in: environment)
        var budget = Budget()
        let error = #expect(throws: EvaluationError.self) {
            _ = try program.evaluate(["n": numbers], budget: &budget)
        }
        #expect(error == .tooExpensive)
        #expect(budget.remaining < 0)
    }

    @Test func `longer text costs more`() throws {
        let environment = Environment(["t": .string])
        let program = try Program("t.contains('b')", in: environment)
        func cost(_ count: Int) throws -> Int {
            var budget = Budget()
            let text = Value.string(String(repeating: "a", count: count))
            _ = try program.evaluate(["t": text], budget: &budget)
            return Limits.costPerEvaluationMax - budget.remaining
        }
        #expect(try cost(10_000) - cost(0) == 1000)
    }

    @Test func `the variables that are used are known`() throws {
        let environment = Environment(["self": .int, "oldSelf": .int])
        #expect(try Program("self > 1", in: environment).usedVariables == ["self"])
        #expect(
            try Program("[1].all(self, self > oldSelf)", in: environment).usedVariables
                == ["oldSelf"])
    }
}

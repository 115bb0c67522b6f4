// The functions that expressions may call: the standard ones of the language, and Kubernetes'.

import APIModel
import Patterns

enum Functions {
    /// The types that are called like functions, and are values themselves.
    static let typeNames: Set<String> = [
        "bool", "int", "uint", "double", "string", "bytes", "list", "map", "null_type", "type",
    ]

    /// By name; the types of the values that a function takes, a receiver first, and what it gives.
    static let signatures: [String: [Signature]] = {
        var table: [String: [Signature]] = [:]
        for line in (operators + conversions + texts + collections + times + libraries)
            .split(separator: "\n")
        {
            let (name, signature) = SignatureReader.read(line)
            table[name, default: []].append(signature)
        }
        for name in [
            Operator.less, Operator.lessOrEqual, Operator.greater, Operator.greaterOrEqual,
        ] {
            table[name] = comparisons
        }
        return table
    }()

    private static let comparisons: [Signature] = {
        let numbers: [CELType] = [.int, .uint, .double]
        let others: [CELType] = [.bool, .string, .bytes, .duration, .timestamp]
        let pairs =
            numbers.flatMap { first in numbers.map { (first, $0) } }
            + others.map { ($0, $0) }
        return pairs.map {
            Signature(hasReceiver: false, parameters: [$0, $1], result: .bool)
        }
    }()

    private static let operators = """
        _==_(A, A) bool
        _!=_(A, A) bool
        @in(A, list<A>) bool
        @in(A, map<A, B>) bool
        !_(bool) bool
        -_(int) int
        -_(double) double
        -_(duration) duration
        _+_(int, int) int
        _+_(uint, uint) uint
        _+_(double, double) double
        _+_(string, string) string
        _+_(bytes, bytes) bytes
        _+_(list<A>, list<A>) list<A>
        _+_(duration, duration) duration
        _+_(timestamp, duration) timestamp
        _+_(duration, timestamp) timestamp
        _-_(int, int) int
        _-_(uint, uint) uint
        _-_(double, double) double
        _-_(duration, duration) duration
        _-_(timestamp, timestamp) duration
        _-_(timestamp, duration) timestamp
        _*_(int, int) int
        _*_(uint, uint) uint
        _*_(double, double) double
        _/_(int, int) int
        _/_(uint, uint) uint
        _/_(double, double) double
        _%_(int, int) int
        _%_(uint, uint) uint

        """

    private static let conversions = """
        bool(bool) bool
        bool(string) bool
        int(int) int
        int(uint) int
        int(double) int
        int(string) int
        int(timestamp) int
        uint(int) uint
        uint(uint) uint
        uint(double) uint
        uint(string) uint
        double(int) double
        double(uint) double
        double(double) double
        double(string) double
        string(bool) string
        string(int) string
        string(uint) string
        string(double) string
        string(string) string
        string(bytes) string
        string(duration) string
        string(timestamp) string
        string(ip) string
        string(cidr) string
        bytes(bytes) bytes
        bytes(string) bytes
        duration(string) duration
        duration(duration) duration
        timestamp(string) timestamp
        timestamp(timestamp) timestamp
        timestamp(int) timestamp
        type(dyn) type
        dyn(dyn) dyn

        """

    private static let texts = """
        size(string) int
        size(bytes) int
        string..size() int
        bytes..size() int
        string..startsWith(string) bool
        string..endsWith(string) bool
        string..contains(string) bool
        string..matches(string) bool
        matches(string, string) bool
        string..charAt(int) string
        string..indexOf(string) int
        string..indexOf(string, int) int
        string..lastIndexOf(string) int
        string..lastIndexOf(string, int) int
        string..lowerAscii() string
        string..upperAscii() string
        string..replace(string, string) string
        string..replace(string, string, int) string
        string..reverse() string
        string..split(string) list<string>
        string..split(string, int) list<string>
        string..substring(int) string
        string..substring(int, int) string
        string..trim() string
        string..format(list<dyn>) string
        strings.quote(string) string
        list<string>..join() string
        list<string>..join(string) string
        string..find(string) string
        string..findAll(string) list<string>
        string..findAll(string, int) list<string>

        """

    private static let collections = """
        size(list<A>) int
        size(map<A, B>) int
        list<A>..size() int
        map<A, B>..size() int
        list<A>..isSorted() bool
        list<int>..sum() int
        list<uint>..sum() uint
        list<double>..sum() double
        list<duration>..sum() duration
        list<A>..min() A
        list<A>..max() A
        list<A>..indexOf(A) int
        list<A>..lastIndexOf(A) int
        sets.contains(list<A>, list<A>) bool
        sets.equivalent(list<A>, list<A>) bool
        sets.intersects(list<A>, list<A>) bool
        optional.of(A) optional<A>
        optional.ofNonZeroValue(A) optional<A>
        optional.none() optional<dyn>
        optional<A>..hasValue() bool
        optional<A>..value() A
        optional<A>..or(optional<A>) optional<A>
        optional<A>..orValue(A) A

        """

    private static let times =
        [
            "getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear",
            "getHours", "getMinutes", "getSeconds", "getMilliseconds",
        ].map { "timestamp..\($0)() int\ntimestamp..\($0)(string) int\n" }.joined()
        + ["getHours", "getMinutes", "getSeconds", "getMilliseconds"]
        .map { "duration..\($0)() int\n" }.joined()

    private static let libraries = """
        quantity(string) quantity
        isQuantity(string) bool
        quantity..sign() int
        quantity..isInteger() bool
        quantity..asInteger() int
        quantity..asApproximateFloat() double
        quantity..add(quantity) quantity
        quantity..add(int) quantity
        quantity..sub(quantity) quantity
        quantity..sub(int) quantity
        quantity..isGreaterThan(quantity) bool
        quantity..isLessThan(quantity) bool
        quantity..compareTo(quantity) int
        url(string) url
        isURL(string) bool
        url..getScheme() string
        url..getHost() string
        url..getHostname() string
        url..getPort() string
        url..getEscapedPath() string
        url..getQuery() map<string, list<string>>
        ip(string) ip
        isIP(string) bool
        ip.isCanonical(string) bool
        ip..family() int
        ip..isUnspecified() bool
        ip..isLoopback() bool
        ip..isLinkLocalMulticast() bool
        ip..isLinkLocalUnicast() bool
        ip..isGlobalUnicast() bool
        cidr(string) cidr
        isCIDR(string) bool
        cidr..containsIP(ip) bool
        cidr..containsIP(string) bool
        cidr..containsCIDR(cidr) bool
        cidr..containsCIDR(string) bool
        cidr..ip() ip
        cidr..masked() cidr
        cidr..prefixLength() int

        """

    /// What is wrong with a regular expression, or `nil`.
    static func problem(ofPattern source: String) -> String? {
        do {
            _ = try RegularExpression(source)
            return nil
        } catch {
            return error.description
        }
    }

    /// Calls the function on values whose types need not fit: not all are known before.
    /// - Parameter values: the receiver first, if there is one.
    static func call(
        _ name: String, _ values: [Value], _ budget: inout Budget
    ) throws(EvaluationError) -> Value {
        if let value = try Arithmetic.call(name, values) { return value }
        if let value = try Conversions.call(name, values) { return value }
        if let value = try TextFunctions.call(name, values, &budget) { return value }
        if let value = try ListFunctions.call(name, values, &budget) { return value }
        if let value = try TimeFunctions.call(name, values) { return value }
        if let value = try QuantityFunctions.call(name, values) { return value }
        if let value = try AddressFunctions.call(name, values) { return value }
        throw .noOverload(name)
    }
}

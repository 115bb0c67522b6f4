// Which of several versions is the better one.

/// How stable and how new a version of an API group is (Kubernetes documentation, "Versions in
/// CustomResourceDefinitions", version priority): `v2` before `v1` before `v1beta2` before
/// `v1alpha1`, and before names of any other form, which stand in alphabetical order.
public struct VersionPriority: Hashable, Comparable, Sendable {
    private enum Stability: Int { case stable, beta, alpha, other }

    private let stability: Stability
    private let major: Int
    private let minor: Int
    private let name: String

    public init(_ version: String) {
        name = version
        guard let parsed = Self.parse(version) else {
            (stability, major, minor) = (.other, 0, 0)
            return
        }
        (stability, major, minor) = parsed
    }

    /// Whether `left` is preferred.
    public static func < (left: VersionPriority, right: VersionPriority) -> Bool {
        if left.stability != right.stability {
            return left.stability.rawValue < right.stability.rawValue
        }
        if left.major != right.major { return left.major > right.major }
        if left.minor != right.minor { return left.minor > right.minor }
        return left.name < right.name
    }

    /// `v1`, `v1beta2` and `v1alpha1`; numbers have no leading zeros.
    private static func parse(_ version: String) -> (Stability, Int, Int)? {
        guard version.first == "v" else { return nil }
        var rest = version.dropFirst()
        guard let major = number(&rest) else { return nil }
        if rest.isEmpty { return (.stable, major, 0) }
        for (word, stability) in [("beta", Stability.beta), ("alpha", .alpha)]
        where rest.hasPrefix(word) {
            rest = rest.dropFirst(word.count)
            guard let minor = number(&rest), rest.isEmpty else { return nil }
            return (stability, major, minor)
        }
        return nil
    }

    private static func number(_ text: inout Substring) -> Int? {
        let digits = text.prefix { "0"..."9" ~= $0 }
        guard digits.first != "0", let number = Int(digits) else { return nil }
        text = text.dropFirst(digits.count)
        return number
    }
}

extension GroupVersion: Comparable {
    /// By group, and within a group the preferred version first.
    public static func < (left: GroupVersion, right: GroupVersion) -> Bool {
        if left.group != right.group { return left.group < right.group }
        return VersionPriority(left.version) < VersionPriority(right.version)
    }
}

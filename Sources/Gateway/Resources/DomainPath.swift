// Names that a domain makes unique: `example.com/controller`.

import APIModel

enum DomainPath {
    /// What is wrong with a name that must be a domain, a slash and a path.
    static func problems(of name: String) -> [String] {
        let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            return ["must be a domain-prefixed path (such as \"acme.io/foo\")"]
        }
        let isPath = parts[1].utf8.allSatisfy { pathCharacters.contains($0) }
        return ValueFormat.dns1123Subdomain.check(String(parts[0]))
            + (isPath ? [] : ["the path after the domain has a character that no URL path has"])
    }

    /// RFC 3986, section 3.3: `pchar` and the slash, without what must be escaped.
    private static let pathCharacters: Set<UInt8> = {
        let letters = "abcdefghijklmnopqrstuvwxyz"
        return Set((letters + letters.uppercased() + "0123456789/-._~!$&'()*+,;=:@%").utf8)
    }()
}

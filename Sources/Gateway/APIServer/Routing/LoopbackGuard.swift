// What protects a listener without authentication from web pages: they can make a browser send
// requests to the loopback address, but cannot choose `Host` or hide `Origin`.

import Buffers
import HTTPWire

enum LoopbackGuard {
    /// Whether a request may be answered on the plain loopback listener: its `Host` is localhost or
    /// a loopback address, whatever the port (against DNS rebinding), and it does not come from a
    /// page of another site (`Origin`, RFC 6454; `Sec-Fetch-Site`, W3C Fetch Metadata).
    static func admits(_ head: RequestHead) -> Bool {
        guard let host = head.headers.first("host"), isLoopback(host) else { return false }
        if let origin = head.headers.first("origin"), !isLoopbackOrigin(origin.description) {
            return false
        }
        if let site = head.headers.first("sec-fetch-site") {
            return site == "same-origin" || site == "none"
        }
        return true
    }

    private static func isLoopbackOrigin(_ origin: String) -> Bool {
        for scheme in ["http://", "https://"] where origin.hasPrefix(scheme) {
            return isLoopback(Bytes(String(origin.dropFirst(scheme.count))))
        }
        return false
    }

    private static func isLoopback(_ authority: Bytes) -> Bool {
        if isUsual(authority) { return true }
        let host = hostName(authority.description.lowercased())
        if host == "localhost" || host == "[::1]" { return true }
        let octets = host.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4 && octets[0] == "127" && octets.allSatisfy { UInt8($0) != nil }
    }

    /// Whether `authority` is spelled as nearly every client spells it, found without the work that
    /// the general rule makes for each request.
    private static func isUsual(_ authority: Bytes) -> Bool {
        for name: StaticString in ["127.0.0.1", "localhost"] {
            let count = name.utf8CodeUnitCount
            guard authority.count >= count, authority[0..<count].spell(name) else { continue }
            guard authority.count > count else { return true }
            return authority[count] == 0x3a
                && authority.withUnsafeBytes { $0[(count + 1)...].allSatisfy { 0x30...0x39 ~= $0 } }
        }
        return false
    }

    /// Without the port.
    private static func hostName(_ authority: String) -> String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            let rest = authority[authority.index(after: end)...]
            return rest.isEmpty || isPort(rest) ? String(authority[...end]) : ""
        }
        guard let colon = authority.firstIndex(of: ":") else { return authority }
        return isPort(authority[colon...]) ? String(authority[..<colon]) : ""
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.first == ":" && text.dropFirst().allSatisfy { $0.isASCII && $0.isNumber }
    }
}

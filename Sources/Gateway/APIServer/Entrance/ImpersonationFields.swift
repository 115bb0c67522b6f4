// `Impersonate-User` and its companions.

import APIModel
import Access
import Buffers
import HTTPWire

extension Impersonation {
    private static let extraPrefix = "impersonate-extra-"

    /// What the fields of a request ask for; `nil` when they ask for nothing.
    /// - Throws: 400 when they name groups and the like, but no user.
    init?(_ headers: HeaderFields) throws(APIStatus) {
        let userName = headers.first("impersonate-user")?.description ?? ""
        let uid = headers.first("impersonate-uid")?.description ?? ""
        let groups = headers.all("impersonate-group").map(\.description)
        let extra = Self.extra(headers)
        guard !userName.isEmpty else {
            guard uid.isEmpty, groups.isEmpty, extra.isEmpty else {
                throw .badRequest(
                    "Impersonate-Group, Impersonate-Uid and Impersonate-Extra- are of no use "
                        + "without Impersonate-User")
            }
            return nil
        }
        self.init(userName: userName, uid: uid, groups: groups, extra: extra)
    }

    /// Keys are written in small letters; what cannot stand in a field's name is percent-encoded.
    private static func extra(_ headers: HeaderFields) -> [String: [String]] {
        guard headers.hasName(startingWith: "impersonate-extra-") else { return [:] }
        var extra: [String: [String]] = [:]
        for (name, value) in headers {
            let name = name.description.lowercased()
            guard name.hasPrefix(extraPrefix) else { continue }
            let key = Bytes(String(name.dropFirst(extraPrefix.count)))
            let decoded = PathSegments.decoded(key) ?? key
            extra[decoded.description.lowercased(), default: []].append(value.description)
        }
        return extra
    }
}

// What a cursor is called.

import APIModel
import JSON

/// A cursor's name, which is unique among those of its user.
struct CursorName: Hashable, Sendable {
    let user: String
    let cursor: String
    /// The name of the object that keeps the cursor, and of no other cursor's: the cursor's name,
    /// `.of-`, and the user's name, in which whatever is not a small letter or a digit stands as a
    /// hyphen and two hexadecimal digits. So `mine.of-system-3aadmin` is `mine` of `system:admin`.
    let objectName: String

    /// - Throws: 422 for a name that is too long, 400 when the user's is, so that the two do not
    ///   fit into the name of an object.
    init(_ cursor: String, of user: String) throws(APIStatus) {
        guard cursor.utf8.count <= Limits.cursorNameByteCountMax else {
            throw .invalidOptions(
                "ListOptions",
                [
                    .invalid(
                        FieldPath("cursor"), .string(cursor),
                        "must be no more than \(Limits.cursorNameByteCountMax) bytes")
                ])
        }
        let name = "\(cursor).of-\(Self.escaped(user))"
        guard !user.isEmpty, name.utf8.count <= Limits.cursorObjectNameByteCountMax else {
            throw .badRequest(
                "cursor: no positions are kept for this user, whose name is too long or empty; "
                    + "pass resourceVersion instead")
        }
        self.user = user
        self.cursor = cursor
        objectName = name
    }

    private static func escaped(_ user: String) -> String {
        var text: [UInt8] = []
        for byte in user.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                text.append(byte)
            default:
                text += [UInt8(ascii: "-"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let digits = Array("0123456789abcdef".utf8)
}

// What a client is told whose cursor does not serve it.

import APIModel
import Storage

extension APIStatus {
    /// 409: the cursor is for something else.
    static func cursorFollows(
        _ followed: FollowedCollection, not asked: FollowedCollection, _ cursor: CursorReference
    ) -> APIStatus {
        .conflict(
            cursor.resource, cursor.name.objectName,
            problem: "the cursor \"\(cursor.name.cursor)\" is for \(followed), not for \(asked): "
                + "poll under another name, or delete it")
    }

    /// 409: somebody else has gone further under the same name.
    static func cursorIsAhead(
        _ acknowledged: Revision, of position: Revision, _ cursor: CursorReference
    ) -> APIStatus {
        .conflict(
            cursor.resource, cursor.name.objectName,
            problem: "the cursor \"\(cursor.name.cursor)\" has been acknowledged up to "
                + "\(acknowledged), which is after \(position): poll without resourceVersion to "
                + "go on from there, or with resourceVersion=0 to start over")
    }

    /// 403: the user has as many as there may be.
    static func tooManyCursors(_ cursor: CursorReference) -> APIStatus {
        .forbidden(
            cursor.resource, cursor.name.objectName,
            problem: "user \"\(cursor.name.user)\" has \(Limits.cursorCountMax) cursors, and may "
                + "have no more: delete one that is not used")
    }

    /// 410, with what to do about it.
    func startingOver(_ cursor: CursorName) -> APIStatus {
        var status = self
        status.message +=
            "; poll with resourceVersion=0 to start the cursor \"\(cursor.cursor)\" over with the "
            + "present state, or delete watchcursors.binnacle.dev \"\(cursor.objectName)\""
        return status
    }

    /// 400: a cursor that follows cursors would never come to rest.
    static let cursorOfCursors = badRequest(
        "cursor: no position is kept for watchcursors, since each acknowledgement would be another "
            + "change of them; pass resourceVersion instead")
}

/// A cursor as refusals name it.
struct CursorReference {
    let name: CursorName
    let resource: GroupResource
}

// A cursor as it is kept.

import APIModel
import JSON
import Storage

/// A position that is kept for a client: an object of the API (`WatchCursor` of `binnacle.dev/v1`).
struct WatchCursor: Sendable {
    private(set) var object: JSONValue

    /// A new cursor.
    init(
        _ name: CursorName, for collection: FollowedCollection, acknowledged: Revision,
        now: Timestamp
    ) {
        let names: [(String, JSONValue)] = [
            ("user", .string(name.user)), ("cursor", .string(name.cursor)),
        ]
        object = [
            "metadata": [
                "name": .string(name.objectName), "uid": .string(UniqueID.make()),
                "creationTimestamp": .string(now.description),
            ],
            "spec": .object(JSONObject(names + collection.members)),
        ]
        acknowledge(acknowledged, now: now)
    }

    init(_ current: CurrentObject) { object = current.value }

    var objectName: String { object.metadataName ?? "" }
    var uid: String { object[path: "metadata", "uid"]?.string ?? "" }
    var collection: FollowedCollection { FollowedCollection(object["spec"] ?? .null) }

    /// Up to where the client has everything; zero before it has said so.
    var acknowledged: Revision {
        let text = object[path: "status", "acknowledged"]?.string ?? ""
        return UInt64(text).map { Revision($0) } ?? .zero
    }

    /// May be earlier than the last use by a part of a cursor's lifetime.
    var lastUsed: Timestamp {
        let text = object[path: "status", "lastUsedTime"]?.string ?? ""
        return Timestamp(text) ?? Timestamp(seconds: 0)
    }

    mutating func acknowledge(_ revision: Revision, now: Timestamp) {
        var status: JSONObject = ["lastUsedTime": .string(now.description)]
        if revision > .zero { status["acknowledged"] = .string(revision.description) }
        object["status"] = .object(status)
    }
}

// What a watch brings: one of these on each line.

import Buffers
import Storage

/// A change, as etcd tells it.
struct WatchedChange: Hashable, Sendable {
    var isDeletion = false
    var item = KeyValue()
    /// The revision of what was there before; `nil` when the member did not say.
    var previous: Revision?

    init() {}

    init(_ reader: inout AnswerReader) throws(WireError) {
        var change = WatchedChange()
        try reader.members { (name, value) throws(WireError) in
            switch name {
            case "type": change.isDeletion = try value.words() == "DELETE"
            case "kv": change.item = try KeyValue(&value)
            case "prev_kv": change.previous = try Self.revision(&value)
            default: try value.skip()
            }
        }
        self = change
    }

    /// Only the revision: the value would be as large as the new one.
    private static func revision(_ reader: inout AnswerReader) throws(WireError) -> Revision? {
        var revision: Revision?
        try reader.members { (name, value) throws(WireError) in
            if name == "mod_revision" {
                revision = Revision(try value.number())
            } else {
                try value.skip()
            }
        }
        return revision
    }
}

/// `/v3/watch`: a line of its answer.
struct WatchAnswer: Hashable, Sendable {
    var header = AnswerHeader()
    /// -1 for what concerns the stream and no watch of it.
    var watchID: Int64 = 0
    var isCreation = false
    var isCancellation = false
    /// Set when the watch wanted what is compacted: where the kept events begin.
    var compacted: Revision?
    var reason = ""
    /// Whether more of the same answer follows.
    var isFragment = false
    var changes: [WatchedChange] = []

    init() {}

    /// - Returns: the refusal, when the line is one.
    static func read(_ line: Bytes) throws(WireError) -> Result<WatchAnswer, WatchRefusal> {
        var answer: WatchAnswer?
        var refusal: RefusalAnswer?
        try AnswerReader.read(line) { (reader) throws(WireError) in
            try reader.members { (name, value) throws(WireError) in
                switch name {
                case "result": answer = try WatchAnswer(&value)
                case "error": refusal = try RefusalAnswer(&value)
                default: try value.skip()
                }
            }
        }
        if let answer { return .success(answer) }
        guard let refusal else {
            throw WireError(problem: "neither a result nor an error", position: 0)
        }
        return .failure(WatchRefusal(refusal: refusal))
    }

    private init(_ reader: inout AnswerReader) throws(WireError) {
        var answer = WatchAnswer()
        try reader.members { (name, value) throws(WireError) in
            switch name {
            case "header": answer.header = try AnswerHeader(&value)
            case "watch_id": answer.watchID = try value.number()
            case "created": answer.isCreation = try value.boolean()
            case "canceled": answer.isCancellation = try value.boolean()
            case "compact_revision": answer.compacted = Revision(try value.number())
            case "cancel_reason": answer.reason = try value.words()
            case "fragment": answer.isFragment = try value.boolean()
            case "events":
                try value.elements { (element) throws(WireError) in
                    answer.changes.append(try WatchedChange(&element))
                }
            default: try value.skip()
            }
        }
        self = answer
    }
}

/// The stream ended with an error.
struct WatchRefusal: Error, Hashable { let refusal: RefusalAnswer }

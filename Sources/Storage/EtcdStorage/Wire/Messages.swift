// The gateway's answers (etcd API reference v3; JSON by the names of the protobuf fields).

import Buffers
import Storage

/// What comes with every answer.
struct AnswerHeader: Hashable, Sendable {
    /// The cluster that the answering member belongs to.
    var clusterID: UInt64 = 0
    /// The newest revision that the member had applied.
    var revision = Revision.zero

    init() {}

    init(_ reader: inout AnswerReader) throws(WireError) {
        var header = AnswerHeader()
        try reader.members { (name, value) throws(WireError) in
            switch name {
            case "cluster_id": header.clusterID = try value.number()
            case "revision": header.revision = Revision(try value.number())
            default: try value.skip()
            }
        }
        self = header
    }
}

/// A key and its value, as etcd has them.
struct KeyValue: Hashable, Sendable {
    var key = Bytes.empty
    var value = Bytes.empty
    var created = Revision.zero
    var modified = Revision.zero

    init() {}

    init(_ reader: inout AnswerReader) throws(WireError) {
        var item = KeyValue()
        try reader.members { (name, value) throws(WireError) in
            switch name {
            case "key": item.key = try value.bytes()
            case "value": item.value = try value.bytes()
            case "create_revision": item.created = Revision(try value.number())
            case "mod_revision": item.modified = Revision(try value.number())
            default: try value.skip()
            }
        }
        self = item
    }

    static func list(_ reader: inout AnswerReader) throws(WireError) -> [KeyValue] {
        var items: [KeyValue] = []
        try reader.elements { (element) throws(WireError) in
            items.append(try KeyValue(&element))
        }
        return items
    }
}

/// What every answer to a call has.
protocol CallAnswer: Sendable {
    var header: AnswerHeader { get }
    init(_ answer: Bytes) throws(WireError)
}

/// `/v3/kv/range`
struct RangeAnswer: CallAnswer, Hashable {
    var header = AnswerHeader()
    var items: [KeyValue] = []
    var hasMore = false

    init() {}

    init(_ answer: Bytes) throws(WireError) {
        self = try AnswerReader.read(answer) { (reader) throws(WireError) in
            try RangeAnswer(&reader)
        }
    }

    fileprivate init(_ reader: inout AnswerReader) throws(WireError) {
        var range = RangeAnswer()
        try reader.members { (name, value) throws(WireError) in
            switch name {
            case "header": range.header = try AnswerHeader(&value)
            case "kvs": range.items = try KeyValue.list(&value)
            case "more": range.hasMore = try value.boolean()
            default: try value.skip()
            }
        }
        self = range
    }
}

/// `/v3/kv/txn`
struct TransactionAnswer: CallAnswer, Hashable {
    var header = AnswerHeader()
    var hasSucceeded = false
    /// The items that each range of the branch found; empty for puts and deletions.
    var found: [[KeyValue]] = []

    init() {}

    init(_ answer: Bytes) throws(WireError) {
        var transaction = TransactionAnswer()
        try AnswerReader.read(answer) { (reader) throws(WireError) in
            try reader.members { (name, value) throws(WireError) in
                switch name {
                case "header": transaction.header = try AnswerHeader(&value)
                case "succeeded": transaction.hasSucceeded = try value.boolean()
                case "responses":
                    try value.elements { (element) throws(WireError) in
                        transaction.found.append(try Self.found(&element))
                    }
                default: try value.skip()
                }
            }
        }
        self = transaction
    }

    private static func found(_ reader: inout AnswerReader) throws(WireError) -> [KeyValue] {
        var items: [KeyValue] = []
        try reader.members { (name, value) throws(WireError) in
            if name == "response_range" {
                items = try RangeAnswer(&value).items
            } else {
                try value.skip()
            }
        }
        return items
    }
}

/// `/v3/kv/compaction`, and others of which only the header counts.
struct PlainAnswer: CallAnswer, Hashable {
    var header = AnswerHeader()

    init(_ answer: Bytes) throws(WireError) {
        var header = AnswerHeader()
        try AnswerReader.read(answer) { (reader) throws(WireError) in
            try reader.members { (name, value) throws(WireError) in
                if name == "header" {
                    header = try AnswerHeader(&value)
                } else {
                    try value.skip()
                }
            }
        }
        self.header = header
    }
}

/// `/v3/maintenance/status`
struct StatusAnswer: CallAnswer, Hashable {
    var header = AnswerHeader()
    /// Such as `3.4.23`.
    var version = ""
    /// The member that leads; zero when none does.
    var leader: UInt64 = 0

    init(_ answer: Bytes) throws(WireError) {
        var (header, version, leader) = (AnswerHeader(), "", UInt64(0))
        try AnswerReader.read(answer) { (reader) throws(WireError) in
            try reader.members { (name, value) throws(WireError) in
                switch name {
                case "header": header = try AnswerHeader(&value)
                case "version": version = try value.words()
                case "leader": leader = try value.number()
                default: try value.skip()
                }
            }
        }
        (self.header, self.version, self.leader) = (header, version, leader)
    }
}

/// What the gateway answers instead: gRPC's code and words.
struct RefusalAnswer: Hashable, Sendable {
    /// gRPC's status codes, as far as etcd's refusals are told apart by them.
    enum Code: Int {
        case invalidArgument = 3
        case permissionDenied = 7
        case resourceExhausted = 8
        case failedPrecondition = 9
        case outOfRange = 11
        case unavailable = 14
        case unauthenticated = 16
    }

    var code = 0
    var message = ""

    init(code: Int, message: String) {
        self.code = code
        self.message = message
    }

    init(_ answer: Bytes) throws(WireError) {
        self = try AnswerReader.read(answer) { (reader) throws(WireError) in
            try RefusalAnswer(&reader)
        }
    }

    /// - Parameter reader: at the whole answer, or at the `error` of a stream.
    init(_ reader: inout AnswerReader) throws(WireError) {
        var refusal = RefusalAnswer(code: 0, message: "")
        try reader.members { (name, value) throws(WireError) in
            switch name {
            case "code", "grpc_code": refusal.code = try value.number()
            case "message": refusal.message = try value.words()
            default: try value.skip()
            }
        }
        self = refusal
    }
}

// The requests that are made of the gateway, beside transactions.

import Buffers
import Storage

/// A request: where it goes and what it says.
struct Call: Hashable, Sendable {
    let path: String
    let body: Bytes
    /// Whether it does no harm when it is carried out twice.
    var isRepeatable = true
}

/// A run of etcd's keys.
struct RawRange: Hashable, Sendable {
    let lower: Bytes
    /// Past the last key.
    let upper: Bytes
}

extension Call {
    /// One page of a range, in key order.
    /// - Parameter revision: the state to show; `nil` is the newest, as a quorum sees it.
    static func range(_ range: RawRange, limit: Int, at revision: Revision?) -> Call {
        var writer = CallWriter()
        writer.object { message in
            message.member("key", range.lower)
            message.member("range_end", range.upper)
            message.member("limit", number: UInt64(limit))
            if let revision { message.member("revision", revision) }
        }
        return Call(path: "/v3/kv/range", body: writer.finish())
    }

    static func get(_ key: Bytes, at revision: Revision? = nil) -> Call {
        var writer = CallWriter()
        writer.object { message in
            message.member("key", key)
            if let revision { message.member("revision", revision) }
        }
        return Call(path: "/v3/kv/range", body: writer.finish())
    }

    /// Asks a quorum how far it is, and for nothing else.
    static func probe(_ key: Bytes) -> Call {
        var writer = CallWriter()
        writer.object { message in
            message.member("key", key)
            message.member("count_only", true)
        }
        return Call(path: "/v3/kv/range", body: writer.finish())
    }

    static func put(_ key: Bytes, _ value: Bytes) -> Call {
        var writer = CallWriter()
        writer.object { message in
            message.member("key", key)
            message.member("value", value)
        }
        return Call(path: "/v3/kv/put", body: writer.finish())
    }

    static func removal(of key: Bytes) -> Call {
        var writer = CallWriter()
        writer.object { $0.member("key", key) }
        return Call(path: "/v3/kv/deleterange", body: writer.finish())
    }

    static func removal(of range: RawRange) -> Call {
        var writer = CallWriter()
        writer.object { message in
            message.member("key", range.lower)
            message.member("range_end", range.upper)
        }
        return Call(path: "/v3/kv/deleterange", body: writer.finish())
    }

    /// Puts `value` when the key was last changed at `revision`; zero is for one that is not there.
    static func exchange(_ key: Bytes, at revision: Revision, for value: Bytes) -> Call {
        var writer = CallWriter()
        writer.object { message in
            message.array("compare") { list in
                list.object { comparison in
                    comparison.member("key", key)
                    comparison.member("target", constant: "MOD")
                    comparison.member("result", constant: "EQUAL")
                    comparison.member("mod_revision", revision)
                }
            }
            message.array("success") { list in
                list.object { operation in
                    operation.object("request_put") { put in
                        put.member("key", key)
                        put.member("value", value)
                    }
                }
            }
        }
        return Call(path: "/v3/kv/txn", body: writer.finish(), isRepeatable: false)
    }

    static func compaction(_ revision: Revision) -> Call {
        var writer = CallWriter()
        writer.object { $0.member("revision", revision) }
        return Call(path: "/v3/kv/compaction", body: writer.finish())
    }

    /// Every change of `range` from `start` on. Answers that are too large for one message come in
    /// fragments.
    /// - Precondition: `start` is not zero, which would mean now.
    static func watch(_ range: RawRange, from start: Revision) -> Call {
        precondition(start > .zero, "a watch from now on")
        var writer = CallWriter()
        writer.object { message in
            message.object("create_request") { request in
                request.member("key", range.lower)
                request.member("range_end", range.upper)
                request.member("start_revision", start)
                request.member("prev_kv", true)
                request.member("progress_notify", true)
                request.member("fragment", true)
            }
        }
        return Call(path: "/v3/watch", body: writer.finish())
    }

    static let status = Call(path: "/v3/maintenance/status", body: "{}")
}

// Answers as etcd's gateway writes them.

import Buffers
import Storage

@testable import EtcdStorage

let sampleCluster: UInt64 = 324_952_591_200_643_719

extension Bytes {
    /// Base64 as another implementation would write it: digit by digit.
    var base64: String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: count, by: 3) {
            let group = array[start..<min(start + 3, count)]
            var bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            var part = ""
            for place in 0..<4 {
                part = (place < 3 - group.count ? "=" : String(digits[bits & 63])) + part
                bits >>= 6
            }
            text += part
        }
        return text
    }
}

/// A change as etcd tells it, in JSON.
struct SampleChange {
    var key: String
    var revision: Int
    var created: Int?
    var value: String? = "v"
    var previous: Int?

    var json: String {
        let raw = Bytes("/b/" + key).base64
        let before =
            previous.map { ",\"prev_kv\":{\"key\":\"\(raw)\",\"mod_revision\":\"\($0)\"}" } ?? ""
        guard let value else {
            return """
                {"type":"DELETE","kv":{"key":"\(raw)","mod_revision":"\(revision)"}\(before)}
                """
        }
        return """
            {"kv":{"key":"\(raw)","create_revision":"\(created ?? revision)",\
            "mod_revision":"\(revision)","version":"1","value":"\(Bytes(value).base64)"}\(before)}
            """
    }
}

/// A line of a watch.
func sampleLine(
    _ changes: [SampleChange] = [], revision: Int, more: String = "",
    cluster: UInt64 = sampleCluster
) -> Bytes {
    let events =
        changes.isEmpty ? "" : ",\"events\":[\(changes.map(\.json).joined(separator: ","))]"
    return Bytes(
        """
        {"result":{"header":{"cluster_id":"\(cluster)","member_id":"33","revision":"\(revision)",\
        "raft_term":"2"}\(more)\(events)}}
        """)
}

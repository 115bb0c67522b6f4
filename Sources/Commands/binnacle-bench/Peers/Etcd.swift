// How etcd is started and asked.

import APIModel
import Buffers

/// One etcd member, with its HTTP gateway, and its data beside binnacle's.
func startEtcd(_ scratch: Scratch, _ name: String = "etcd") throws -> Peer {
    let address = try freePort()
    let peers = "http://\(try freePort())"
    let process = try ChildProcess(
        "etcd",
        [
            "etcd", "--name", "bench", "--data-dir", scratch.path(name),
            "--listen-client-urls", "http://\(address)",
            "--advertise-client-urls", "http://\(address)", "--listen-peer-urls", peers,
            "--initial-advertise-peer-urls", peers, "--initial-cluster", "bench=\(peers)",
            "--logger", "zap", "--log-level", "error",
            // 2 GiB, the default, fills in a long run.
            "--quota-backend-bytes", "8589934592",
        ], logPath: scratch.path("\(name).log"))
    try Peer.waitUntilServing(process, address, "/health")
    return Peer(process, at: address)
}

/// Requests of etcd's JSON gateway, in which keys and values are base64.
enum EtcdRequest {
    static func put(_ key: String, _ value: Bytes) -> Request {
        put(key, encoded: encoded(value))
    }

    /// - Parameter value: in base64, for a value that is put many times.
    static func put(_ key: String, encoded value: String) -> Request {
        post("put", #"{"key":"\#(Base64.encode(key))","value":"\#(value)"}"#)
    }

    static func encoded(_ bytes: Bytes) -> String { bytes.withUnsafeBytes { Base64.encode($0) } }

    static func range(_ key: String) -> Request {
        post("range", #"{"key":"\#(Base64.encode(key))"}"#)
    }

    /// A watch of every key that begins with `prefix`.
    /// - Precondition: `prefix` ends in `/`.
    static func watch(_ prefix: String) -> Request {
        // The end of a range is the first key behind it: `0` follows `/`.
        let end = prefix.dropLast() + "0"
        let body = """
            {"create_request":{"key":"\(Base64.encode(prefix))",\
            "range_end":"\(Base64.encode(String(end)))"}}
            """
        return .post("/v3/watch", json: Bytes(body))
    }

    private static func post(_ name: String, _ body: String) -> Request {
        .post("/v3/kv/\(name)", json: Bytes(body))
    }
}

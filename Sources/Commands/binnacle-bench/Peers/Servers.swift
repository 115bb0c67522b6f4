// How each server is started: on loopback, on a port of its own, with nothing but its scratch
// folder.

import Glibc
import SystemCalls

/// Binnacle itself, on its embedded store, on a port that the kernel chooses.
func startBinnacle(
    _ binary: String, _ name: String, _ scratch: Scratch, _ flags: [String] = []
) throws -> Peer {
    let process = try spawnBinnacle(binary, name, scratch, at: "127.0.0.1:0", flags)
    var line = try process.nextLine()
    while !line.hasPrefix("ready ") { line = try process.nextLine() }
    let word = line.split(separator: " ").first { $0.hasPrefix("http=") }
    guard let address = word.flatMap({ SocketAddress(String($0.dropFirst(5))) }) else {
        throw BenchFailure("binnacle does not say where it listens: \(line)")
    }
    return Peer(process, at: address)
}

/// The same at an address, without waiting until it serves.
func spawnBinnacle(
    _ binary: String, _ name: String, _ scratch: Scratch, at address: String,
    _ flags: [String] = []
) throws -> ChildProcess {
    let arguments = [
        binary, "serve", "--data-dir", scratch.path(name), "--http-listen", address,
        "--store", "sqlite", "--log-level", "warning",
    ]
    return try ChildProcess(
        "binnacle", arguments + flags, logPath: scratch.path("\(name).log"))
}

/// One etcd member, with its HTTP gateway, and its data beside binnacle's.
func startEtcd(_ scratch: Scratch) throws -> Peer {
    let address = try freePort()
    let peers = "http://\(try freePort())"
    let process = try ChildProcess(
        "etcd",
        [
            "etcd", "--name", "bench", "--data-dir", scratch.path("etcd"),
            "--listen-client-urls", "http://\(address)",
            "--advertise-client-urls", "http://\(address)", "--listen-peer-urls", peers,
            "--initial-advertise-peer-urls", peers, "--initial-cluster", "bench=\(peers)",
            "--logger", "zap", "--log-level", "error",
            // 2 GiB, the default, fills in a long run.
            "--quota-backend-bytes", "8589934592",
        ], logPath: scratch.path("etcd.log"))
    try Peer.waitUntilServing(process, address, "/health")
    return Peer(process, at: address)
}

/// nginx over the files of `<scratch>/www`, tuned to send them as fast as it can.
func startNginx(_ scratch: Scratch) throws -> Peer {
    let address = try freePort()
    let root = try scratch.folder("www")
    try Array("ok".utf8).withUnsafeBytes { try Scratch.write($0, to: "\(root)/started") }
    let configuration = nginxConfiguration(scratch, root, address)
    try Array(configuration.utf8).withUnsafeBytes {
        try Scratch.write($0, to: scratch.path("nginx.conf"))
    }
    let process = try ChildProcess(
        "nginx",
        ["nginx", "-p", scratch.path, "-c", scratch.path("nginx.conf"), "-e", "stderr"],
        logPath: scratch.path("nginx.log"))
    try Peer.waitUntilServing(process, address, "/started")
    return Peer(process, at: address)
}

/// One worker for each processor, as binnacle runs one loop for each.
private func nginxConfiguration(
    _ scratch: Scratch, _ root: String, _ address: SocketAddress
) -> String {
    let places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map { "    \($0)_temp_path \(scratch.path)/nginx-\($0);\n" }.joined()
    return """
        \(geteuid() == 0 ? "user root;" : "")
        daemon off;
        worker_processes auto;
        worker_rlimit_nofile 20000;
        error_log stderr error;
        pid \(scratch.path("nginx.pid"));
        events { worker_connections 15000; }
        http {
        \(places)
            access_log off;
            sendfile on;
            tcp_nopush on;
            tcp_nodelay on;
            keepalive_timeout 1h;
            keepalive_requests 1000000000;
            open_file_cache max=100 inactive=1h;
            open_file_cache_valid 1h;
            open_file_cache_min_uses 1;
            default_type application/json;
            server {
                listen \(address) reuseport;
                root \(root);
                location / { gzip_static on; }
            }
        }

        """
}

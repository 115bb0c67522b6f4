// How nginx is started: over files, and with nchan over messages.

import Glibc
import SystemCalls

/// nginx over the files of `<scratch>/www`, plain and with TLS, tuned to send them as fast as it
/// can.
func startNginx(_ scratch: Scratch, _ credentials: Credentials) throws -> Peer {
    let root = try scratch.folder("www")
    try Array("ok".utf8).withUnsafeBytes { try Scratch.write($0, to: "\(root)/started") }
    return try NginxConfiguration(
        name: "nginx", scratch: scratch, credentials: credentials,
        http: """
            sendfile on;
            open_file_cache max=100 inactive=1h;
            open_file_cache_valid 1h;
            open_file_cache_min_uses 1;
            default_type application/json;
            """,
        locations: """
            root \(root);
            location / { gzip_static on; }
            """
    ).start(probing: "/started")
}

/// Where nchan takes messages and hands them out.
enum NchanPath {
    static let publish = "/publish"
    static let stream = "/stream"
    static let poll = "/poll"
}

/// nginx with nchan and one channel: chunked and long-polling subscribers get every message.
func startNchan(_ scratch: Scratch, _ credentials: Credentials) throws -> Peer {
    let channel = """
        nchan_channel_id bench;
        nchan_message_timeout 1h;
        nchan_message_buffer_length 20000;
        """
    return try NginxConfiguration(
        name: "nchan", scratch: scratch, credentials: credentials,
        modules: ["/usr/lib/nginx/modules/ngx_nchan_module.so"],
        // The channel's messages and what is kept for each subscriber.
        http: "nchan_shared_memory_size 256M;",
        locations: """
            location = /started { return 200 "ok"; }
            location = \(NchanPath.publish) { nchan_publisher http; \(channel) }
            location = \(NchanPath.stream) { nchan_subscriber http-chunked; \(channel) }
            location = \(NchanPath.poll) { nchan_subscriber longpoll; \(channel) }
            """
    ).start(probing: "/started")
}

/// One nginx and the file that tells it what to do: a worker for each processor, as binnacle runs a
/// loop for each.
private struct NginxConfiguration {
    let name: String
    let scratch: Scratch
    let credentials: Credentials
    var modules: [String] = []
    let http: String
    let locations: String

    func start(probing path: String) throws -> Peer {
        for module in modules where access(module, R_OK) != 0 {
            throw BenchFailure("\(module) is missing: .ci/set-up bench installs it")
        }
        let (plain, secure) = (try freePort(), try freePort())
        let file = scratch.path("\(name).conf")
        try Array(text(plain, secure).utf8).withUnsafeBytes { try Scratch.write($0, to: file) }
        let process = try ChildProcess(
            name, ["nginx", "-p", scratch.path, "-c", file, "-e", "stderr"],
            logPath: scratch.path("\(name).log"))
        try Peer.waitUntilServing(process, plain, path)
        return Peer(
            process, at: plain,
            secure: Endpoint(secure.address, security: credentials.client))
    }

    private func text(_ plain: Endpoint, _ secure: Endpoint) -> String {
        let places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map { "\($0)_temp_path \(scratch.path)/\(name)-\($0);" }
        return """
            \(modules.map { "load_module \($0);" }.joined(separator: "\n"))
            \(geteuid() == 0 ? "user root;" : "")
            daemon off;
            worker_processes auto;
            worker_rlimit_nofile 20000;
            error_log stderr error;
            pid \(scratch.path("\(name).pid"));
            events { worker_connections 15000; }
            http {
            \(places.joined(separator: "\n"))
            access_log off;
            tcp_nopush on;
            tcp_nodelay on;
            keepalive_timeout 1h;
            keepalive_requests 1000000000;
            \(http)
            server {
            listen \(plain) reuseport;
            listen \(secure) ssl reuseport;
            ssl_certificate \(credentials.certificatePath);
            ssl_certificate_key \(credentials.keyPath);
            ssl_protocols TLSv1.3;
            ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
            ssl_session_cache off;
            \(locations)
            }
            }

            """
    }
}

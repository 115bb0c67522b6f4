// How binnacle is started: on loopback, on its embedded store, with a folder of the scratch.

import SystemCalls

/// Binnacle on ports that the kernel chooses.
/// - Parameter credentials: what it speaks TLS with; it does not without them.
func startBinnacle(
    _ binary: String, _ name: String, _ scratch: Scratch, _ flags: [String] = [],
    _ credentials: Credentials? = nil
) throws -> Peer {
    var flags = flags
    if let credentials {
        flags += [
            "--https-listen", "127.0.0.1:0", "--tls-cert-file", credentials.certificatePath,
            "--tls-private-key-file", credentials.keyPath,
            "--client-ca-file", credentials.authorityPath,
        ]
    }
    let process = try spawnBinnacle(binary, name, scratch, at: "127.0.0.1:0", flags)
    var line = try process.nextLine()
    while !line.hasPrefix("ready ") { line = try process.nextLine() }
    func address(_ scheme: String) throws -> SocketAddress {
        let word = line.split(separator: " ").first { $0.hasPrefix("\(scheme)=") }
        guard let address = word.flatMap({ SocketAddress(String($0.dropFirst(scheme.count + 1))) })
        else { throw BenchFailure("binnacle does not say where it listens: \(line)") }
        return address
    }
    let secure = try credentials.map {
        Endpoint(try address("https"), security: $0.client)
    }
    return Peer(process, at: Endpoint(try address("http")), secure: secure)
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

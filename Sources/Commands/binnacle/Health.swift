import ArgumentParser
import Glibc
import SystemCalls

/// `binnacle health`: asks a running server whether it is well. For health checks in containers.
struct Health: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask a server on this machine whether it is ready; exits with 1 when it is not.")

    @Option(help: "The server's plain listener.")
    var server: SocketAddress = SocketAddress("127.0.0.1:8080")!

    @Option(help: "What to ask: livez, readyz or healthz.")
    var check: String = "readyz"

    func run() throws {
        let answer = try ask()
        let status = answer.split(separator: "\r\n", maxSplits: 1).first ?? ""
        guard status.hasPrefix("HTTP/1.1 200") else {
            throw StartFailure(description: "\(server) is not well: \(status)")
        }
        print("ok")
    }

    private func ask() throws -> String {
        let socket: Descriptor
        do {
            socket = try connectBlocking(to: server, timeoutSeconds: 5)
        } catch {
            throw StartFailure(description: "\(server) cannot be reached: \(error)")
        }
        let request = "GET /\(check) HTTP/1.1\r\nHost: \(server)\r\nConnection: close\r\n\r\n"
        var sent = Array(request.utf8)
        sent.withUnsafeMutableBytes { _ = send(socket.rawValue, $0.baseAddress, $0.count, 0) }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(socket.rawValue, &buffer, buffer.count, 0)
            if count <= 0 { break }
            answer += buffer[0..<count]
        }
        return String(decoding: answer, as: UTF8.self)
    }
}

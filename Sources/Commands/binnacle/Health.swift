import ArgumentParser
import Glibc
import SystemCalls

/// `binnacle health`: asks a running server whether it is well. For health checks in containers.
struct Health: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask a server on this machine whether it is well; exits with 1 when it is not.")

    @Option(help: "What to ask, on a plain listener.")
    var url: HealthURL = HealthURL(argument: "http://127.0.0.1:8080/readyz")!

    func run() throws {
        let answer = try BlockingRequest(address: url.address, secondsMax: 5).get(url.path)
        let status = answer.split(separator: "\r\n", maxSplits: 1).first ?? ""
        guard status.hasPrefix("HTTP/1.1 200") else {
            throw StartFailure(description: "\(url) is not well: \(status)")
        }
        print("ok")
    }
}

/// `http://ADDRESS:PORT/PATH`
struct HealthURL: ExpressibleByArgument, CustomStringConvertible {
    let address: SocketAddress
    let path: String
    let description: String

    init?(argument: String) {
        guard argument.hasPrefix("http://") else { return nil }
        let rest = argument.dropFirst("http://".count)
        let authority = rest.prefix { $0 != "/" }
        guard let address = SocketAddress(String(authority)) else { return nil }
        self.address = address
        let path = rest.dropFirst(authority.count)
        self.path = path.isEmpty ? "/" : String(path)
        description = argument
    }
}

/// One request on a connection of its own, waiting for the whole answer.
struct BlockingRequest {
    let address: SocketAddress
    let secondsMax: Int

    /// - Returns: the answer, head and body, as it came.
    func get(_ path: String) throws -> String {
        let descriptor = try connect()
        defer { close(descriptor) }
        let request = "GET \(path) HTTP/1.1\r\nHost: \(address)\r\nConnection: close\r\n\r\n"
        guard send(descriptor, request, request.utf8.count, 0) == request.utf8.count else {
            throw failure("the request could not be sent")
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count >= 0 else { throw failure("no answer came") }
            if count == 0 { return String(decoding: answer, as: UTF8.self) }
            answer += buffer[0..<count]
        }
    }

    private func connect() throws -> CInt {
        var hints = addrinfo()
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address.host, String(address.port), &hints, &found) == 0, let found else {
            throw failure("is no address")
        }
        defer { freeaddrinfo(found) }
        let entry = found.pointee
        let descriptor = socket(entry.ai_family, entry.ai_socktype, entry.ai_protocol)
        guard descriptor >= 0 else { throw failure("no socket") }
        var limit = timeval(tv_sec: secondsMax, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        guard Glibc.connect(descriptor, entry.ai_addr, entry.ai_addrlen) == 0 else {
            let error = failure("cannot be reached")
            close(descriptor)
            throw error
        }
        return descriptor
    }

    private func failure(_ what: String) -> StartFailure {
        StartFailure(description: "\(address): \(what): \(String(cString: strerror(errno)))")
    }
}

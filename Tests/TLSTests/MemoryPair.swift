// A client and a server that talk through memory.

import Buffers
import Crypto
import HTTPTesting

/// A client's and a server's session, and what is on its way between them.
struct MemoryPair {
    let client: TLSSession
    let server: TLSSession
    private let clientSpace = TLSWorkspace()
    private let serverSpace = TLSWorkspace()
    var toServer: [UInt8] = []
    var toClient: [UInt8] = []
    private(set) var clientFailure: TLSFailure?
    private(set) var serverFailure: TLSFailure?
    private(set) var isDone = false

    init(
        _ client: TLSContext, _ server: TLSContext, name: String = "localhost",
        resuming ticket: TLSTicket? = nil
    ) throws {
        self.client = try TLSSession(
            client: client, of: name, resuming: ticket, clientSpace)
        self.server = try TLSSession(server: server, serverSpace)
        shakeHands()
    }

    /// Goes on until both are done, one has failed, or nothing moves.
    private mutating func shakeHands() {
        for _ in 0..<8 where clientFailure == nil && serverFailure == nil && !isDone {
            var isClientDone = false
            switch clientTurn({ $0.shakeHands() }) {
            case .done: isClientDone = true
            case .needsInput: break
            case .failed(let failure): clientFailure = failure
            }
            switch serverTurn({ $0.shakeHands() }) {
            case .done: isDone = isClientDone
            case .needsInput: break
            case .failed(let failure): serverFailure = failure
            }
        }
        // An alert may be on its way.
        if clientFailure == nil, serverFailure != nil,
            case .failed(let failure) = clientTurn({ $0.shakeHands() })
        {
            clientFailure = failure
        }
    }

    mutating func clientTurn<Result>(_ body: (TLSSession) -> Result) -> Result {
        Self.turn(client, clientSpace, &toClient, &toServer, body)
    }

    mutating func serverTurn<Result>(_ body: (TLSSession) -> Result) -> Result {
        Self.turn(server, serverSpace, &toServer, &toClient, body)
    }

    private static func turn<Result>(
        _ session: TLSSession, _ space: TLSWorkspace, _ input: inout [UInt8],
        _ output: inout [UInt8], _ body: (TLSSession) -> Result
    ) -> Result {
        let result = input.withUnsafeBytes { bytes in
            space.offer(bytes)
            return body(session)
        }
        input.removeFirst(input.count - space.unreadInput.count)
        space.withdrawInput()
        output += Array(space.output)
        space.clearOutput()
        return result
    }

    /// What the client reads of `bytes` that the server writes in one record.
    mutating func send(_ bytes: [UInt8]) throws -> [UInt8] {
        _ = try serverTurn { session in
            Result { try bytes.withUnsafeBytes { try session.write($0) } }
        }.get()
        return readClient()
    }

    mutating func readClient() -> [UInt8] {
        clientTurn { session in
            var room = [UInt8](repeating: 0, count: 32768)
            guard case .bytes(let count) = room.withUnsafeMutableBytes({ session.read(into: $0) })
            else { return [] }
            return Array(room[..<count])
        }
    }
}

/// Contexts of the tests.
enum TestContext {
    static func server(
        _ certificates: [TLSCertificate] = [TestPKI.server], clientAuthorities: Bytes? = nil,
        keys: TLSTicketKeys = TLSTicketKeys { 0 }
    ) throws -> TLSContext {
        try TLSContext(
            server: TLSServerSettings(
                certificates: certificates, clientAuthorities: clientAuthorities,
                ticketKeys: keys))
    }

    static func client(
        _ versions: TLSVersions = .all, certificate: TLSCertificate? = nil,
        protocols: [String] = ["http/1.1"], authorities: Bytes = TestPKI.authority
    ) throws -> TLSContext {
        try TLSContext(
            client: TLSClientSettings(
                authorities: authorities, certificate: certificate,
                applicationProtocols: protocols, versions: versions))
    }
}

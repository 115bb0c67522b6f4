// A server under measurement.

import Glibc

/// A server that this program has started. Ends with its last reference.
final class Peer {
    let name: String
    /// Where it speaks plain HTTP.
    let address: Endpoint
    /// Where it speaks TLS, if it does.
    let secureAddress: Endpoint?
    let process: ChildProcess
    /// The process and its workers.
    private let processes: [pid_t]

    init(_ process: ChildProcess, at address: Endpoint, secure: Endpoint? = nil) {
        name = process.name
        self.process = process
        self.address = address
        secureAddress = secure
        processes = [process.identifier] + children(of: process.identifier)
    }

    /// - Throws: when it does not speak that way.
    func endpoint(_ wire: Wire) throws -> Endpoint {
        if wire == .plain { return address }
        guard let secureAddress else { throw BenchFailure("\(name) does not speak TLS") }
        return secureAddress
    }

    var figures: ProcessFigures { ProcessFigures(of: processes) }

    /// Lets the peak of its memory begin anew.
    func forgetPeak() { ProcessFigures.forgetPeak(of: processes) }

    func stop() { process.stop() }

    /// Waits until a server answers 200 at `path`.
    static func waitUntilServing(
        _ process: ChildProcess, _ address: Endpoint, _ path: String
    ) throws {
        for _ in 0..<(Limits.startMilliseconds / 20) {
            if let answer = try? HTTPCaller(address).call(.get(path)), answer.status == 200 {
                return
            }
            guard kill(process.identifier, 0) == 0 else { break }
            usleep(20_000)
        }
        throw BenchFailure("\(process.name) does not serve: \(process.logEnd)")
    }
}

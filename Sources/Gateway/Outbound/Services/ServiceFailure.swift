/// Why a Service leads to no server.
enum ServiceFailure: Error, Hashable, Sendable {
    /// There is none of this name.
    case absent
    /// It does not have the port that is asked for.
    case noPort
    /// Nobody is behind this port of it.
    case noEndpoints(portName: String)
    /// What it names cannot be called.
    case noAddress
}

import HTTPClient

/// A server, and how it proves that it is the one that is meant. Calls to equal ones go over the
/// same connections.
struct NamedServer: Hashable, Sendable {
    /// Where it is: one address at least, each as good as another.
    let endpoints: [Endpoint]
    /// The name that its certificate must be good for; `nil` for the host that is called.
    let name: String?
    let trust: Trust

    /// Which certificates are believed.
    struct Trust: Hashable, Sendable {
        /// The authorities that they must come from in PEM, in base64; empty for those of the
        /// system.
        let authorities: String
        /// Whether any certificate will do.
        var isInsecure = false
    }

    init(_ endpoints: [Endpoint], name: String?, trust: Trust) {
        self.endpoints = endpoints
        self.name = name
        self.trust = trust
    }
}

// The way to a member of the cluster. What etcd's answers mean is decided elsewhere.

import Buffers

/// Carries requests to the members, who are named by their place in the list of endpoints.
protocol Transport: Sendable {
    /// How the members are called in messages.
    var endpoints: [String] { get }

    /// Sends one request and waits for the whole answer. Does not try again.
    func answer(
        to call: Call, from member: Int, within duration: Duration
    ) async throws(TransportFailure) -> Reply

    /// Sends one request and returns when its answer begins.
    func stream(
        _ call: Call, from member: Int, within duration: Duration
    ) async throws(TransportFailure) -> any LineSource

    /// Ends every request; later ones fail.
    func close() async
}

/// What a member answered.
struct Reply: Sendable {
    let status: Int
    let body: Bytes
}

/// An answer that comes line by line. Read by one task at a time.
protocol LineSource: Sendable {
    /// Waits for the next line. `nil` when the answer has ended.
    func next() async throws(TransportFailure) -> Bytes?
    /// Lets go of the connection.
    func cancel()
}

/// A request without an answer, or without all of it.
struct TransportFailure: Error, Hashable, Sendable {
    /// What to tell an operator, the member's name included.
    let reason: String
    /// Whether the member may have carried the request out.
    let mayHaveReached: Bool
}

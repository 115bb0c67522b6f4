/// Bounds of the load generator.
enum Limits {
    /// What one read(2) takes. Larger than a socket's usual content, small enough to stay in L2.
    static let readByteCountMax = 256 << 10
    /// A server that sends nothing for so long is taken for dead.
    static let stallMilliseconds: Int32 = 30_000
    /// Between two questions whether a server is ready: each costs it as much as a request.
    static let readinessMicroseconds: UInt32 = 4_000
    /// How long a reader that waits for something else, too, waits for something to read.
    static let glanceMilliseconds: Int32 = 2
    /// How long a server may take until it serves.
    static let startMilliseconds: Int32 = 30_000
    /// How long a server may take to end after SIGTERM, before it gets SIGKILL.
    static let stopMilliseconds = 10_000
    /// Connections that are opened before the first of them is served: below net.core.somaxconn.
    static let connectBatch = 500
    /// How much of an answer that was not expected is shown.
    static let shownBodyByteCountMax = 300
    /// How long a crowd may take to be known to a server that does not answer it.
    static let settleNanoseconds: Int64 = 300_000_000
    /// Watchers of etcd's gateway: each is a stream of gRPC inside the server, at some 100 KB.
    static let etcdWatcherCountMax = 1_000
}

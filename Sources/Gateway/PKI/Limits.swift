/// What this module makes, and refuses to exceed.
enum Limits {
    private static let day: Duration = .seconds(86_400)

    static let authorityLifetime = day * 3650
    static let leafLifetime = day * 365
    /// New certificates begin a little in the past, for machines whose clocks are behind.
    static let backdating: Duration = .seconds(300)
    /// A certificate is renewed when less than one part in this many of its life is left.
    static let renewalDivisor: Int64 = 3
    static let renewalInterval = day

    /// A file of keys or certificates; as many bytes as Crypto reads.
    static let fileByteCountMax = 1 << 20
    /// Names in one serving certificate, so that every handshake stays small.
    static let servingNameCountMax = 100
    /// Another process holds the directory while it makes keys: seconds at most.
    static let lockAttemptCountMax = 1500
    static let lockAttemptInterval: UInt32 = 20_000  // µs: 30 s in all
}

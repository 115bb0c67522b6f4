/// The limits of this module.
enum Limits {
    /// zlib's level. On leaves of pods 3 takes as long as 1 (3.1 µs a KB) for 12 % fewer bytes; 4
    /// and above take more than twice as long, and 6 saves another 17 %.
    static let level: CInt = 3

    /// zlib's memory level, of 9. 8 is zlib's own default: a compressor takes 256 KiB.
    static let memoryLevel: CInt = 8

    /// What one stored block of deflate can hold, in bytes (RFC 1951, 3.2.4: a length of 16 bits).
    static let storedBlockByteCountMax = 65_535

    /// How many idle compressors a pool keeps: one for each of a few loops, 256 KiB each.
    static let idleDeflaterCountMax = 4
}

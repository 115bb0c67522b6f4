/// The limits of this module.
enum Limits {
    /// zlib's level. 1 is fast and already takes JSON lists to a tenth; the levels above it cost two
    /// to five times the time of this one for a few per cent of the bytes.
    static let level: CInt = 1

    /// zlib's memory level, of 9. 8 is zlib's own default: a compressor takes 256 KiB.
    static let memoryLevel: CInt = 8

    /// What one stored block of deflate can hold, in bytes (RFC 1951, 3.2.4: a length of 16 bits).
    static let storedBlockByteCountMax = 65_535

    /// How many idle compressors a pool keeps: one for each of a few loops, 256 KiB each.
    static let idleDeflaterCountMax = 4
}

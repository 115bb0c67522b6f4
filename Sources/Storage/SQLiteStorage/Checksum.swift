// XXH64, after the specification of the xxHash family (version 0.1.1): a 64-bit checksum that costs
// less than reading the bytes.

/// The XXH64 of `buffer`.
func xxh64(_ buffer: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
    var offset = 0
    var hash: UInt64
    if buffer.count >= 32 {
        (hash, offset) = stripes(of: buffer, seed: seed)
    } else {
        hash = seed &+ Prime.fifth
    }
    hash &+= UInt64(buffer.count)
    while offset + 8 <= buffer.count {
        hash ^= round(0, word(buffer, offset))
        hash = rotate(hash, by: 27) &* Prime.first &+ Prime.fourth
        offset += 8
    }
    if offset + 4 <= buffer.count {
        let half = UInt32(
            littleEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        hash ^= UInt64(half) &* Prime.first
        hash = rotate(hash, by: 23) &* Prime.second &+ Prime.third
        offset += 4
    }
    while offset < buffer.count {
        hash ^= UInt64(buffer[offset]) &* Prime.fifth
        hash = rotate(hash, by: 11) &* Prime.first
        offset += 1
    }
    return avalanche(hash)
}

private enum Prime {
    static let first: UInt64 = 0x9e37_79b1_85eb_ca87
    static let second: UInt64 = 0xc2b2_ae3d_27d4_eb4f
    static let third: UInt64 = 0x1656_67b1_9e37_79f9
    static let fourth: UInt64 = 0x85eb_ca77_c2b2_ae63
    static let fifth: UInt64 = 0x27d4_eb2f_1656_67c5
}

/// Takes whole stripes of 32 bytes in four lanes, and returns where the rest begins.
private func stripes(
    of buffer: UnsafeRawBufferPointer, seed: UInt64
) -> (hash: UInt64, end: Int) {
    var lane1 = seed &+ Prime.first &+ Prime.second
    var lane2 = seed &+ Prime.second
    var lane3 = seed
    var lane4 = seed &- Prime.first
    var offset = 0
    while offset + 32 <= buffer.count {
        lane1 = round(lane1, word(buffer, offset))
        lane2 = round(lane2, word(buffer, offset + 8))
        lane3 = round(lane3, word(buffer, offset + 16))
        lane4 = round(lane4, word(buffer, offset + 24))
        offset += 32
    }
    var hash = rotate(lane1, by: 1) &+ rotate(lane2, by: 7)
    hash = hash &+ rotate(lane3, by: 12) &+ rotate(lane4, by: 18)
    hash = merge(hash, lane1)
    hash = merge(hash, lane2)
    hash = merge(hash, lane3)
    return (merge(hash, lane4), offset)
}

@inline(__always)
private func merge(_ hash: UInt64, _ lane: UInt64) -> UInt64 {
    (hash ^ round(0, lane)) &* Prime.first &+ Prime.fourth
}

@inline(__always)
private func word(_ base: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
}

@inline(__always)
private func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
    rotate(lane &+ input &* Prime.second, by: 31) &* Prime.first
}

@inline(__always)
private func rotate(_ value: UInt64, by count: UInt64) -> UInt64 {
    (value &<< count) | (value &>> (64 &- count))
}

private func avalanche(_ value: UInt64) -> UInt64 {
    var hash = value
    hash = (hash ^ (hash >> 33)) &* Prime.second
    hash = (hash ^ (hash >> 29)) &* Prime.third
    return hash ^ (hash >> 32)
}

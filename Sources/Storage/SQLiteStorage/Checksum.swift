// XXH64, after the specification of the xxHash family (version 0.1.1): a 64-bit checksum that costs
// less than reading the bytes.

/// The XXH64 of `buffer`.
func xxh64(_ buffer: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
    var input = buffer[...]
    var hash: UInt64
    if buffer.count >= 32 {
        hash = stripes(of: &input, seed: seed)
    } else {
        hash = seed &+ Prime.fifth
    }
    hash &+= UInt64(buffer.count)
    while input.count >= 8 {
        hash ^= round(0, load(input, as: UInt64.self))
        hash = rotate(hash, by: 27) &* Prime.first &+ Prime.fourth
        input = input.dropFirst(8)
    }
    if input.count >= 4 {
        hash ^= UInt64(load(input, as: UInt32.self)) &* Prime.first
        hash = rotate(hash, by: 23) &* Prime.second &+ Prime.third
        input = input.dropFirst(4)
    }
    for byte in input {
        hash ^= UInt64(byte) &* Prime.fifth
        hash = rotate(hash, by: 11) &* Prime.first
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

/// Consumes whole stripes of 32 bytes in four lanes.
private func stripes(of input: inout Slice<UnsafeRawBufferPointer>, seed: UInt64) -> UInt64 {
    var lane1 = seed &+ Prime.first &+ Prime.second
    var lane2 = seed &+ Prime.second
    var lane3 = seed
    var lane4 = seed &- Prime.first
    let base = UnsafeRawBufferPointer(rebasing: input)
    var offset = 0
    while offset + 32 <= base.count {
        lane1 = round(lane1, word(base, offset))
        lane2 = round(lane2, word(base, offset + 8))
        lane3 = round(lane3, word(base, offset + 16))
        lane4 = round(lane4, word(base, offset + 24))
        offset += 32
    }
    input = input.dropFirst(offset)
    var hash = rotate(lane1, by: 1) &+ rotate(lane2, by: 7)
    hash = hash &+ rotate(lane3, by: 12) &+ rotate(lane4, by: 18)
    hash = merge(hash, lane1)
    hash = merge(hash, lane2)
    hash = merge(hash, lane3)
    return merge(hash, lane4)
}

@inline(__always)
private func merge(_ hash: UInt64, _ lane: UInt64) -> UInt64 {
    (hash ^ round(0, lane)) &* Prime.first &+ Prime.fourth
}

@inline(__always)
private func word(_ base: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
}

private func load<Word: FixedWidthInteger & BitwiseCopyable>(
    _ input: Slice<UnsafeRawBufferPointer>, as type: Word.Type
) -> Word {
    let base = UnsafeRawBufferPointer(rebasing: input)
    return Word(littleEndian: base.loadUnaligned(as: type))
}

@inline(__always)
private func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
    rotate(lane &+ input &* Prime.second, by: 31) &* Prime.first
}

@inline(__always)
private func rotate(_ value: UInt64, by count: UInt64) -> UInt64 {
    (value &<< count) | (value &>> (64 - count))
}

private func avalanche(_ value: UInt64) -> UInt64 {
    var hash = value
    hash = (hash ^ (hash >> 33)) &* Prime.second
    hash = (hash ^ (hash >> 29)) &* Prime.third
    return hash ^ (hash >> 32)
}

/// Eight bytes at a time through the plain part of a JSON string (SIMD within a register).
enum StringScan {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080
    /// Eight spaces.
    static let spaces: UInt64 = 0x2020_2020_2020_2020

    /// The high bit of each byte of `word` that cannot stand for itself in a string: a quotation
    /// mark, a reverse solidus or a control character. Bits above the lowest may be false.
    @inline(__always)
    static func specials(in word: UInt64) -> UInt64 {
        marks(in: word) | ((word &- (ones &* 0x20)) & ~word & highs)
    }

    /// As `specials`, without the control characters, which a valid document has none of.
    @inline(__always)
    static func marks(in word: UInt64) -> UInt64 {
        let quote = word ^ (ones &* 0x22)
        let solidus = word ^ (ones &* 0x5C)
        return (((quote &- ones) & ~quote) | ((solidus &- ones) & ~solidus)) & highs
    }

    /// `count` bytes, 1 to 7 of them, and spaces above them.
    @inline(__always)
    static func load(_ pointer: UnsafePointer<UInt8>, count: Int) -> UInt64 {
        let raw = UnsafeRawPointer(pointer)
        let filling = (ones &* 0x20) &<< UInt64(count &* 8)
        if count >= 4 {
            let low = UInt32(littleEndian: raw.loadUnaligned(as: UInt32.self))
            let high = UInt32(
                littleEndian: (raw + (count &- 4)).loadUnaligned(as: UInt32.self))
            return filling | UInt64(low) | UInt64(high) &<< UInt64((count &- 4) &* 8)
        }
        let middle = count &>> 1
        let low = UInt64(pointer[0]) | UInt64(pointer[middle]) &<< UInt64(middle &* 8)
        return filling | low | UInt64(pointer[count &- 1]) &<< UInt64((count &- 1) &* 8)
    }

    @inline(__always)
    static func load(_ pointer: UnsafePointer<UInt8>) -> UInt64 {
        UInt64(littleEndian: UnsafeRawPointer(pointer).loadUnaligned(as: UInt64.self))
    }

    /// The first position from `start` on that is a quotation mark, a reverse solidus or a control
    /// character; `end` when there is none. `isASCII` becomes false when a byte above 0x7F is
    /// passed.
    @inline(__always)
    static func firstSpecial(
        _ base: UnsafePointer<UInt8>, from start: Int, to end: Int, isASCII: inout Bool
    ) -> Int {
        var position = start
        var seen: UInt64 = 0
        while position &+ 8 <= end {
            let word = load(base + position)
            let found = specials(in: word)
            if found != 0 {
                let plain = found.trailingZeroBitCount & ~7
                seen |= word & ((1 << UInt64(plain)) &- 1)
                if seen & highs != 0 { isASCII = false }
                return position &+ plain &>> 3
            }
            seen |= word
            position &+= 8
        }
        if seen & highs != 0 { isASCII = false }
        while position < end {
            let byte = base[position]
            if byte == 0x22 || byte == 0x5C || byte < 0x20 { return position }
            if byte >= 0x80 { isASCII = false }
            position &+= 1
        }
        return position
    }
}

/// Finds the end of strings, objects and arrays without reading what is in them.
enum ContainerScan {
    /// The position behind the quotation mark that ends a string whose inside begins at `start`.
    @inline(__always)
    static func stringEnd(_ base: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int {
        var position = start
        while position &+ 8 <= end {
            let found = StringScan.marks(in: StringScan.load(base + position))
            if found == 0 {
                position &+= 8
                continue
            }
            position &+= found.trailingZeroBitCount &>> 3
            if base[position] == UInt8(ascii: "\"") { return position &+ 1 }
            position &+= 2
        }
        while position < end {
            if base[position] == UInt8(ascii: "\"") { return position &+ 1 }
            position &+= base[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        return end
    }

    /// The position behind the bracket that closes the outermost of `depth` open objects and
    /// arrays.
    static func end(_ base: UnsafePointer<UInt8>, from start: Int, to end: Int, depth: Int) -> Int {
        var position = start
        var depth = depth
        while position < end {
            switch base[position] {
            case UInt8(ascii: "\""):
                position = stringEnd(base, from: position &+ 1, to: end)
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth &+= 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth &-= 1
                if depth == 0 { return position &+ 1 }
            default: break
            }
            position &+= 1
        }
        return end
    }
}

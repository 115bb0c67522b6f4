/// Finds a property by its name with one probe in most cases. Built once, read by every request.
struct NameTable: Sendable {
    private struct Slot {
        var digest: UInt64 = 0
        /// -1 when the slot is free.
        var index: Int32 = -1
    }

    private let names: [String]
    private var slots: [Slot]
    private let mask: Int

    /// - Precondition: no two `names` are equal.
    init(_ names: [String]) {
        self.names = names
        var size = 1
        while size < names.count * 2 { size *= 2 }
        mask = size - 1
        slots = [Slot](repeating: Slot(), count: size)
        for (index, name) in names.enumerated() {
            let digest = NameTable.digest(name)
            var place = NameTable.place(digest) & mask
            while slots[place].index >= 0 { place = (place + 1) & mask }
            slots[place] = Slot(digest: digest, index: Int32(index))
        }
    }

    func index(of name: String) -> Int? {
        let digest = NameTable.digest(name)
        var place = NameTable.place(digest) & mask
        while true {
            let slot = slots[place]
            if slot.index < 0 { return nil }
            if slot.digest == digest, names[Int(slot.index)] == name { return Int(slot.index) }
            place = (place + 1) & mask
        }
    }

    private static func place(_ digest: UInt64) -> Int {
        Int(truncatingIfNeeded: (digest &* 0x9E37_79B9_7F4A_7C15) >> 40)
    }

    /// The length, the first and the last eight bytes.
    private static func digest(_ name: String) -> UInt64 {
        let digest = name.utf8.withContiguousStorageIfAvailable { bytes in
            let raw = UnsafeRawBufferPointer(bytes)
            var digest = UInt64(raw.count)
            guard raw.count >= 8 else {
                for byte in raw { digest = digest << 8 | UInt64(byte) }
                return digest
            }
            let last = raw.loadUnaligned(fromByteOffset: raw.count - 8, as: UInt64.self)
            digest ^= raw.loadUnaligned(as: UInt64.self)
            return digest ^ (last << 7 | last >> 57)
        }
        return digest ?? UInt64(name.utf8.count)
    }
}

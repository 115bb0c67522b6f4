// The key index as it is kept in the file, so that an opening need not read the whole log.

import Buffers
import Storage

#if canImport(Glibc)
    import Glibc
#endif

/// The newest row of each key as of one revision, cut into parts. Performs no I/O.
///
/// The file has room for two of them, so that one is whole while the other is written. A part that
/// is damaged, or of another revision, does not match its checksum; the log is read then.
enum SavedIndex {
    /// One of the two places. Its first row is the header, which is written last.
    enum Slot: Int64, CaseIterable, Sendable {
        case first, second

        var other: Slot { self == .first ? .second : .first }

        /// The row of a part; 0 is the header.
        func row(_ part: Int) -> Int64 {
            precondition(part < 1 << 32, "part \(part)")
            return rawValue << 32 | Int64(part)
        }
    }

    /// What a whole index says of itself.
    struct Header: Hashable, Sendable {
        let revision: Revision
        let partCount: Int
        let entryCount: Int
    }

    /// A run of entries in the order of their keys.
    struct Part {
        let data: Bytes
        /// The last key; `nil` when there are no entries.
        let last: Key?
        let entryCount: Int
    }

    /// Seeds the checksum, so that a part stands for its place and its revision.
    static func checksum(_ data: Bytes, part: Int, _ revision: Revision) -> Int64 {
        let seed = revision.rawValue &* 0x9e37_79b9_7f4a_7c15 ^ UInt64(part)
        return Int64(bitPattern: data.withUnsafeBytes { xxh64($0, seed: seed) })
    }

    // MARK: Parts

    /// An entry is its key's length in two bytes, the word of its newest row in eight, the key.
    private static let entryHeadByteCount = 10

    /// The entries after `last`, as many as make a part.
    static func part(of index: KeyMap<Latest>, after last: Key?) -> Part {
        var data = ByteBuffer(reserving: Limits.savedPartByteCount + 4_096)
        var newest: Key?
        var count = 0
        index.walk(.all, after: last) { key, latest in
            guard data.count < Limits.savedPartByteCount else { return false }
            withUnsafeBytes(of: UInt16(key.bytes.count).littleEndian) { data.append($0) }
            withUnsafeBytes(of: latest.rawValue.littleEndian) { data.append($0) }
            data.append(key.bytes)
            newest = key
            count += 1
            return true
        }
        return Part(data: data.freeze(), last: newest, entryCount: count)
    }

    /// Calls `body` with each entry until it returns false. The keys share the memory of `data`.
    /// - Returns: whether all of `data` was read.
    static func read(_ data: Bytes, _ body: (Key, Latest) -> Bool) -> Bool {
        data.withUnsafeBytes { bytes in
            var position = 0
            while position + entryHeadByteCount <= bytes.count {
                let count = UInt16(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt16.self))
                let word = Int64(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: position + 2, as: Int64.self))
                let start = position + entryHeadByteCount
                position = start + Int(count)
                guard position <= bytes.count else { return false }
                guard body(Key(data[start..<position]), Latest(rawValue: word)) else {
                    return false
                }
            }
            return position == bytes.count
        }
    }

    // MARK: The header

    static func data(of header: Header) -> Bytes {
        var data = ByteBuffer(reserving: 24)
        for number in [
            header.revision.rawValue, UInt64(header.partCount), UInt64(header.entryCount),
        ] {
            withUnsafeBytes(of: number.littleEndian) { data.append($0) }
        }
        return data.freeze()
    }

    /// `nil` when that is no header.
    static func header(_ data: Bytes) -> Header? {
        guard data.count == 24 else { return nil }
        let numbers = data.withUnsafeBytes { bytes in
            [0, 8, 16].map {
                UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt64.self))
            }
        }
        guard numbers.allSatisfy({ $0 < 1 << 47 }), numbers[1] < 1 << 32 else { return nil }
        return Header(
            revision: Revision(numbers[0]), partCount: Int(numbers[1]),
            entryCount: Int(numbers[2]))
    }
}

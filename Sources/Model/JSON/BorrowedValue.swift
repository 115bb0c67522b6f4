/// A value as the writer sees it: pointers into memory that the document owns, so that a walk
/// counts no references. Counting took half of the time to write a pod.
///
/// Valid while the document that holds the value is alive and is not changed.
enum BorrowedValue {
    case null
    case bool(Bool)
    case int(Int64)
    /// A number that is not the plain spelling of an `Int64`; seldom, and so not borrowed.
    case number(JSONNumber)
    case string(BorrowedString)
    case array(UnsafeBufferPointer<JSONValue>)
    case object(UnsafeBufferPointer<JSONObject.Member>)

    /// Only reads: the compiler leaves the counts alone when nothing is written before the last
    /// use of what was loaded.
    @inline(__always)
    init(_ pointer: UnsafePointer<JSONValue>) {
        switch pointer.pointee {
        case .string(let string): self = .string(BorrowedString(string))
        case .object(let object): self = .object(object.borrowedMembers)
        case .array(let array): self = .array(array.withUnsafeBufferPointer { $0 })
        case .number(let number):
            if case .int(let int) = number.storage {
                self = .int(int)
            } else {
                self = .number(number)
            }
        case .bool(let bool): self = .bool(bool)
        case .null: self = .null
        }
    }
}

/// The UTF-8 of a string.
enum BorrowedString {
    /// At most 16 bytes, which Swift may keep in the string itself, with spaces behind them.
    case short(low: UInt64, high: UInt64, count: Int)
    /// The bytes where the string has them.
    case long(UnsafeBufferPointer<UInt8>)
    /// A string whose bytes do not stand in a row: none that Swift makes on Linux.
    case scattered(String)

    static let shortCountMax = 16

    @inline(__always)
    init(_ string: String) {
        let borrowed = string.utf8.withContiguousStorageIfAvailable { bytes -> BorrowedString in
            guard bytes.count <= BorrowedString.shortCountMax else { return .long(bytes) }
            guard let base = bytes.baseAddress, bytes.count > 0 else {
                return .short(low: 0, high: 0, count: 0)
            }
            let left = bytes.count &- 8
            return .short(
                low: left >= 0 ? StringScan.load(base) : StringScan.load(base, count: bytes.count),
                high: left > 0
                    ? left == 8 ? StringScan.load(base + 8) : StringScan.load(base + 8, count: left)
                    : StringScan.spaces,
                count: bytes.count)
        }
        self = borrowed ?? .scattered(string)
    }
}

extension JSONObject {
    @inline(__always)
    fileprivate var borrowedMembers: UnsafeBufferPointer<Member> {
        switch storage {
        case .small(let members): members.withUnsafeBufferPointer { $0 }
        case .indexed(let indexed): indexed.members.withUnsafeBufferPointer { $0 }
        }
    }
}

extension JSONObject.Member {
    /// Where the value of the member at `pointer` stands.
    @inline(__always)
    static func value(of pointer: UnsafePointer<JSONObject.Member>) -> UnsafePointer<JSONValue> {
        let offset = MemoryLayout<JSONObject.Member>.offset(of: \.value).unsafelyUnwrapped
        return UnsafeRawPointer(pointer).advanced(by: offset)
            .assumingMemoryBound(to: JSONValue.self)
    }
}

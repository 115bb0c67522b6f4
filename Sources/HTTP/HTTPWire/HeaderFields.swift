// The header fields of a message: one run of bytes, and where in it each name and value stands.

import Buffers

/// Header fields in the order they came. Names compare without regard to case.
public struct HeaderFields: Sendable {
    /// Where a field stands in the bytes of the head, which has less than 65,536 of them.
    struct Place: Sendable {
        var name: UInt16
        var nameCount: UInt16
        var value: UInt16
        var valueCount: UInt16

        var nameRange: Range<Int> { Int(name)..<Int(name) + Int(nameCount) }
        var valueRange: Range<Int> { Int(value)..<Int(value) + Int(valueCount) }
    }

    let bytes: Bytes
    let places: [Place]

    init(bytes: Bytes, places: [Place]) {
        self.bytes = bytes
        self.places = places
    }

    /// Fields made by hand.
    /// - Precondition: together they have less than 65,536 bytes.
    public init(_ fields: [(name: String, value: String)] = []) {
        var buffer = ByteBuffer()
        var places: [Place] = []
        for (name, value) in fields {
            let start = buffer.count
            buffer.append(utf8: name)
            let middle = buffer.count
            buffer.append(utf8: value)
            places.append(
                Place(
                    name: UInt16(start), nameCount: UInt16(middle - start),
                    value: UInt16(middle), valueCount: UInt16(buffer.count - middle)))
        }
        self.init(bytes: buffer.freeze(), places: places)
    }

    public var count: Int { places.count }

    /// The value of the first field called `name`, without white space around it.
    /// - Precondition: `name` is in lower case.
    public func first(_ name: StaticString) -> Bytes? {
        guard let place = firstPlace(name) else { return nil }
        return bytes[place.valueRange]
    }

    /// The values of all fields called `name`, in the order they came. A value is as it was sent:
    /// lists are not taken apart.
    /// - Precondition: `name` is in lower case.
    public func all(_ name: StaticString) -> [Bytes] {
        bytes.withUnsafeBytes { head in
            places.compactMap { place in
                guard head.slice(place.nameRange).equalsIgnoringCase(name) else { return nil }
                return bytes[place.valueRange]
            }
        }
    }

    /// Whether there is a field whose name begins with `prefix`.
    /// - Precondition: `prefix` is in lower case.
    public func hasName(startingWith prefix: StaticString) -> Bool {
        let count = prefix.utf8CodeUnitCount
        return bytes.withUnsafeBytes { head in
            for place in places where Int(place.nameCount) > count {
                let start = place.nameRange.lowerBound
                if head.slice(start..<start + count).equalsIgnoringCase(prefix) { return true }
            }
            return false
        }
    }

    private func firstPlace(_ name: StaticString) -> Place? {
        bytes.withUnsafeBytes { head in
            for place in places where Int(place.nameCount) == name.utf8CodeUnitCount {
                if head.slice(place.nameRange).equalsIgnoringCase(name) { return place }
            }
            return nil
        }
    }
}

extension HeaderFields: Sequence {
    public typealias Element = (name: Bytes, value: Bytes)

    public struct Iterator: IteratorProtocol {
        private let fields: HeaderFields
        private var index = 0

        init(_ fields: HeaderFields) { self.fields = fields }

        public mutating func next() -> Element? {
            guard index < fields.places.count else { return nil }
            defer { index += 1 }
            let place = fields.places[index]
            return (fields.bytes[place.nameRange], fields.bytes[place.valueRange])
        }
    }

    public func makeIterator() -> Iterator { Iterator(self) }
}

// What a list says there is to see.

import Buffers

/// The revisions of listed objects, read without building the list.
enum ListedRevisions {
    /// Those of all objects at `path`, oldest first.
    static func of(_ path: String, _ address: Endpoint) throws -> [UInt64] {
        let metadataOnly =
            "Accept: application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1\r\n"
        let list = try HTTPCaller(address).expect(200, .get(path, fields: metadataOnly)).body
        // The first is the list's own.
        return all(in: list).dropFirst().sorted()
    }

    /// Every resourceVersion in `document`, as they stand.
    static func all(in document: Bytes) -> [UInt64] {
        let mark: StaticString = "\"resourceVersion\":\""
        var found: [UInt64] = []
        document.withUnsafeBytes { bytes in
            var rest = bytes
            while let place = offset(of: mark, in: rest) {
                var position = place + mark.utf8CodeUnitCount
                var number: UInt64 = 0
                while position < rest.count, case let digit = rest[position] &- 48, digit < 10 {
                    number = number &* 10 &+ UInt64(digit)
                    position += 1
                }
                found.append(number)
                rest = UnsafeRawBufferPointer(rebasing: rest[position...])
            }
        }
        return found
    }
}

// Objects without anything but their metadata (Kubernetes enhancement 2334).

import Buffers
import JSON
import Storage

enum PartialObjectMetadata {
    /// - Parameter body: an object's bytes as the cache keeps them, from `"metadata":` on.
    static func bytes(of body: Bytes) -> Bytes {
        var buffer = ByteBuffer(reserving: 512)
        append(body, to: &buffer)
        return buffer.freeze()
    }

    static func list(of bodies: [Bytes], _ document: ListDocument) -> Bytes {
        var buffer = ByteBuffer(reserving: 128 + 512 * bodies.count)
        buffer.append(
            literal: """
                {"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1",\
                "metadata":{"resourceVersion":
                """)
        buffer.append(0x22)
        buffer.append(decimal: document.revision.rawValue)
        buffer.append(0x22)
        document.appendPaging(to: &buffer)
        buffer.append(literal: "},\"items\":[")
        var isFirst = true
        for body in bodies {
            if !isFirst { buffer.append(0x2c) }
            isFirst = false
            append(body, to: &buffer)
        }
        buffer.append(literal: "]}\n")
        return buffer.freeze()
    }

    /// The object's own bytes of its metadata, under another kind.
    static func append(_ body: Bytes, to buffer: inout ByteBuffer) {
        buffer.append(
            literal: #"{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":"#)
        buffer.append(metadata(of: body))
        buffer.append(0x7d)
    }

    /// `{…}`: the value of `"metadata":`, with which every body begins.
    static func metadata(of body: Bytes) -> Bytes {
        let start = "\"metadata\":".utf8.count
        let length = body.withUnsafeBytes { bytes in
            var scanner = JSONScanner(UnsafeRawBufferPointer(rebasing: bytes[start...]))
            return scanner.skipValue().count
        }
        return body[start..<start + length]
    }
}

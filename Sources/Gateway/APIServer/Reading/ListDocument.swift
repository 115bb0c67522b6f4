import APIModel
import Buffers
import JSON
import Storage
import WatchCache

/// The JSON of a list, put together from the objects' own bytes.
struct ListDocument {
    let endpoint: ResourceEndpoint
    let revision: Revision
    var continueToken: String?
    var remainingItemCount: Int?

    init(endpoint: ResourceEndpoint, revision: Revision) {
        self.endpoint = endpoint
        self.revision = revision
    }

    /// Everything before the first item.
    var head: Bytes {
        var buffer = ByteBuffer(reserving: endpoint.listPrefix.count + 128)
        buffer.append(endpoint.listPrefix)
        buffer.append(decimal: revision.rawValue)
        buffer.append(0x22)
        appendPaging(to: &buffer)
        buffer.append(literal: "},\"items\":[")
        return buffer.freeze()
    }

    /// Everything after the last item.
    static let tail: Bytes = "]}\n"

    /// `,"continue":…,"remainingItemCount":…`, as far as there are any.
    func appendPaging(to buffer: inout ByteBuffer) {
        if let continueToken {
            buffer.append(literal: ",\"continue\":")
            buffer.append(jsonString: continueToken)
        }
        if let remainingItemCount {
            buffer.append(literal: ",\"remainingItemCount\":")
            buffer.append(decimal: remainingItemCount)
        }
    }

    /// The whole document, in one piece.
    func bytes(of objects: [CachedObject]) -> Bytes {
        let head = head
        let bodies = objects.map(endpoint.form.body)
        var buffer = ByteBuffer(reserving: bodies.reduce(head.count + 16) { $0 + $1.count + 2 })
        buffer.append(head)
        var isFirst = true
        for body in bodies {
            if !isFirst { buffer.append(0x2c) }
            isFirst = false
            buffer.append(0x7b)
            buffer.append(body)
        }
        buffer.append(Self.tail)
        return buffer.freeze()
    }
}

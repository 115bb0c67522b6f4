// One answer, before it becomes an HTTP response.

import APIModel
import Buffers
import Compression
import HTTPServer
import HTTPWire
import Storage

/// An answer: status, the few fields that vary, and a body in pieces that may be shared.
struct Answer {
    var status = 200
    var contentType: Bytes = "application/json"
    var body: [Bytes] = []
    /// The revision that the body shows (RFC 9110 section 8.8.3).
    var entityTag: EntityTag?
    var warnings: [String] = []
    /// For the audit log, by name.
    var annotations: [String: String] = [:]
    var retryAfterSeconds: Int?
    /// Whether the body is gzip already.
    var isGzipped = false
    /// Further fields, such as `Allow`.
    var fields: [(name: StaticString, value: Bytes)] = []

    /// A `Status` as the answer.
    init(_ status: APIStatus) {
        self.status = status.httpCode
        body = [status.bytes, "\n"]
        retryAfterSeconds = status.retryAfterSeconds
    }

    init(json body: [Bytes], status: Int = 200) {
        self.status = status
        self.body = body
    }

    init(text: String, status: Int = 200) {
        self.status = status
        contentType = "text/plain; charset=utf-8"
        body = [Bytes(text)]
    }

    /// 304: what the client has is what there is (RFC 9110 section 15.4.5).
    static func notModified(_ tag: EntityTag) -> Answer {
        var answer = Answer(json: [], status: 304)
        answer.entityTag = tag
        return answer
    }

    private static let deflaters = DeflaterPool()

    var byteCount: Int { body.reduce(0) { $0 + $1.count } }

    /// Compresses the body when that is worth it. A large body is left alone: see `Limits`.
    mutating func compress() {
        let count = byteCount
        guard !isGzipped, count >= Limits.gzipByteCountMin, count <= Limits.freshGzipByteCountMax
        else { return }
        body = [Self.deflaters.withDeflater { $0.gzip(body) }]
        isGzipped = true
    }

    var response: Response {
        var fields = ResponseFields()
        if status != 304 { fields.add("Content-Type", contentType) }
        fields.add("Cache-Control", "no-cache, private")
        if let entityTag { fields.add("ETag", entityTag.field) }
        if isGzipped { fields.add("Content-Encoding", "gzip") }
        if isGzipped || entityTag != nil { fields.add("Vary", "Accept, Accept-Encoding") }
        if let retryAfterSeconds { fields.add("Retry-After", Bytes("\(retryAfterSeconds)")) }
        for warning in warnings { fields.add("Warning", Self.warning(warning)) }
        for (name, value) in self.fields { fields.add(name, value) }
        return Response(HTTPStatus(status), fields, body: body)
    }

    /// Code 299 and no agent, as Kubernetes sends it (RFC 7234 section 5.5).
    static func warning(_ text: String) -> Bytes {
        var quoted = "299 - \""
        for scalar in text.unicodeScalars where scalar.value >= 0x20 && scalar.value != 0x7f {
            if scalar == "\"" || scalar == "\\" { quoted += "\\" }
            quoted.unicodeScalars.append(scalar)
        }
        return Bytes(quoted + "\"")
    }
}

/// A revision as an entity tag: `"41"`.
struct EntityTag: Hashable {
    let revision: Revision

    var field: Bytes {
        var buffer = ByteBuffer(reserving: 24)
        buffer.append(0x22)
        buffer.append(decimal: revision.rawValue)
        buffer.append(0x22)
        return buffer.freeze()
    }

    init(_ revision: Revision) { self.revision = revision }

    /// The tag that `field` consists of: one of ours as `field` writes it; `nil` else.
    private init?(spelled field: Bytes) {
        // Nineteen digits cannot overflow.
        guard 3...21 ~= field.count, field[0] == 0x22, field[field.count - 1] == 0x22 else {
            return nil
        }
        var number: UInt64 = 0
        for index in 1..<field.count - 1 {
            let digit = field[index] &- 0x30
            guard digit < 10 else { return nil }
            number = number * 10 + UInt64(digit)
        }
        revision = Revision(number)
    }

    /// The tags of an `If-None-Match` field (RFC 9110 section 13.1.2) that are ours; weak ones
    /// compare alike.
    static func tags(of field: Bytes) -> [EntityTag] {
        if let tag = EntityTag(spelled: field) { return [tag] }
        return field.description.split(separator: ",").compactMap { element in
            var text = element.trimmed
            if text.hasPrefix("W/") { text = text.dropFirst(2) }
            guard text.count > 2, text.first == "\"", text.last == "\"",
                let number = UInt64(text.dropFirst().dropLast())
            else { return nil }
            return EntityTag(Revision(number))
        }
    }
}

// What the parser makes of bytes, in a form that can be compared.

import Buffers
import HTTPWire

/// A request taken apart, or the reason why it was refused.
enum Parsed: Equatable, CustomStringConvertible {
    case request(line: String, fields: [String], body: String)
    case refused(Int, String)

    var description: String {
        switch self {
        case .request(let line, let fields, let body): "\(line) \(fields) \(body)"
        case .refused(let status, let message): "\(status) \(message)"
        }
    }

    var status: Int? {
        if case .refused(let status, _) = self { status } else { nil }
    }
}

/// Feeds `pieces` to one parser, one after the other.
func parse(_ pieces: [Bytes], limits: MessageLimits = MessageLimits()) -> [Parsed] {
    var parser = RequestParser()
    var results: [Parsed] = []
    var head: RequestHead?
    // Bytes, because a piece may end in the middle of a character.
    var body: [UInt8] = []
    for piece in pieces {
        var position = 0
        feeding: while true {
            let event = piece.withUnsafeBytes { parser.next($0, from: &position, limits) }
            switch event {
            case .needsMore: break feeding
            case .head(let found): head = found
            case .body(let range): body += piece[range].array
            case .end:
                let text = String(decoding: body, as: UTF8.self)
                results.append(.request(head, body: text))
                body = []
            case .failed(let error):
                return results + [.refused(error.status.code, error.message)]
            }
        }
    }
    return results
}

func parse(_ text: String, limits: MessageLimits = MessageLimits()) -> [Parsed] {
    parse([Bytes(text)], limits: limits)
}

/// The head of `text`, which must be one that is accepted.
func acceptedHead(_ text: String) -> RequestHead? {
    var parser = RequestParser()
    var position = 0
    let event = Bytes(text).withUnsafeBytes { parser.next($0, from: &position, MessageLimits()) }
    if case .head(let head) = event { return head }
    return nil
}

extension Parsed {
    fileprivate static func request(_ head: RequestHead?, body: String) -> Parsed {
        guard let head else { return .refused(0, "a body without a head") }
        let line = "\(head.methodName) \(head.path) ? \(head.query) @ \(head.authority)"
        return .request(
            line: line + " \(head.version) \(head.persists)",
            fields: head.headers.map { "\($0.name)=\($0.value)" }, body: body)
    }
}

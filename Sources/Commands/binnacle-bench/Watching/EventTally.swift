// What one watcher has seen, in so few bytes that ten thousand of them cost nothing.

import Buffers
import Glibc

/// Checks the events of one watch as they come, and keeps their number and a digest of their order.
struct EventTally: Equatable {
    private(set) var count = 0
    /// Depends on each revision and on its place in the order.
    private(set) var digest: UInt64 = 0
    private(set) var lastRevision: UInt64 = 0

    /// The position that the watcher began at.
    let start: UInt64

    /// - Parameter start: the position of a watcher that has seen nothing yet.
    init(after start: UInt64 = 0) {
        self.start = start
        lastRevision = start
    }

    /// What a watcher has seen that has seen those of `revisions` that are after `start` and not
    /// after `end`.
    /// - Precondition: `revisions` rise.
    init(after start: UInt64, through end: UInt64, _ revisions: [UInt64]) throws {
        self.init(after: start)
        for revision in revisions where revision > start && revision <= end {
            try add(revision: revision)
        }
    }

    /// Notes an event.
    /// - Throws: when it is not newer than the one before.
    mutating func add(revision: UInt64) throws(BenchFailure) {
        guard revision > lastRevision else {
            throw BenchFailure("a watcher got revision \(revision) after \(lastRevision)")
        }
        lastRevision = revision
        count += 1
        digest = digest &* 0x100_0000_01B3 ^ revision
    }
}

/// One line of a watch, read just far enough to be checked.
struct EventLine {
    enum Kind { case change, bookmark }

    let kind: Kind
    let revision: UInt64
    /// When the object's writer sent it, by its own account; nil when it does not say.
    let sentAt: Int64?

    /// What the writer's objects carry in front of the moment they were sent at.
    static let sentMark: StaticString = "sent-at-"

    /// - Throws: when the line is no event, or is one that ends the watch.
    init(_ line: UnsafeRawBufferPointer) throws(BenchFailure) {
        kind = try Self.kind(of: line)
        guard let revision = Self.number(after: "\"resourceVersion\":\"", in: line) else {
            throw BenchFailure("an event without resourceVersion: \(Self.text(line))")
        }
        self.revision = revision
        sentAt = Self.number(after: Self.sentMark, in: line).map { Int64(clamping: $0) }
    }

    private static func kind(of line: UnsafeRawBufferPointer) throws(BenchFailure) -> Kind {
        let start = "{\"type\":\""
        guard line.count > 12, memcmp(line.baseAddress!, start, start.utf8.count) == 0 else {
            throw BenchFailure("not an event: \(text(line))")
        }
        switch line[start.utf8.count] {
        case UInt8(ascii: "A"), UInt8(ascii: "M"), UInt8(ascii: "D"): return .change
        case UInt8(ascii: "B"): return .bookmark
        default: throw BenchFailure("the watch ended: \(text(line))")
        }
    }

    private static func text(_ line: UnsafeRawBufferPointer) -> String {
        String(decoding: line.prefix(Limits.shownBodyByteCountMax), as: UTF8.self)
    }

    private static func number(
        after mark: StaticString, in line: UnsafeRawBufferPointer
    ) -> UInt64? {
        guard let found = offset(of: mark, in: line) else { return nil }
        var position = found + mark.utf8CodeUnitCount
        var number: UInt64 = 0
        while position < line.count, case let digit = line[position] &- 48, digit < 10 {
            number = number &* 10 &+ UInt64(digit)
            position += 1
        }
        return number
    }
}

/// Cuts the payload of a watch into lines, wherever the chunks happened to end.
struct LineSplitter: ~Copyable {
    private var begun = ByteBuffer(reserving: 16)

    /// Calls `body` with each whole line of what came so far, without its line break.
    mutating func split(
        _ payload: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) throws(BenchFailure) -> Void
    ) throws(BenchFailure) {
        var rest = payload
        while let start = rest.baseAddress, let found = memchr(start, 10, rest.count) {
            let length = UnsafeRawPointer(found) - start
            let line = UnsafeRawBufferPointer(start: start, count: length)
            if begun.isEmpty {
                try body(line)
            } else {
                begun.append(line)
                try begun.withUnsafeBytes { (whole) throws(BenchFailure) in try body(whole) }
                begun.truncate(to: 0)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[(length + 1)...])
        }
        begun.append(rest)
    }
}

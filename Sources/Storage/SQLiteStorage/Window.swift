// How far back the log is kept. Performs no I/O and reads no clock.

import Storage

/// How far back watchers can resume. What is older is compacted, little by little.
public struct Retention: Hashable, Sendable {
    /// The age past which events are forgotten.
    public var age: Duration
    /// The bytes of events, keys and values, past which the oldest are forgotten. Present items
    /// stay whatever they measure.
    public var byteCount: Int

    public init(age: Duration = .seconds(24 * 3600), byteCount: Int = 1 << 30) {
        precondition(age > .zero && byteCount > 0, "a window of \(age) and \(byteCount) bytes")
        self.age = age
        self.byteCount = byteCount
    }
}

/// That a revision was the newest at a time.
struct Mark: Hashable, Sendable {
    let revision: Revision
    /// Since 1970, in milliseconds.
    let time: Int64
    /// The bytes of all events up to the revision, counted from some first event.
    let writtenByteCount: Int
}

/// What a window measures.
struct WindowExtent: Hashable, Sendable {
    /// Bytes of events, keys and values.
    var byteCount = 0
    /// When the oldest of them was the newest, since 1970, in milliseconds; `nil` without marks.
    var oldestTime: Int64?
}

/// Knows by marks in the log how old and how large its parts are.
struct Window: Sendable {
    let retention: Retention
    /// Oldest first; revisions, times and sizes do not fall.
    private(set) var marks: ContiguousArray<Mark> = []
    private(set) var writtenByteCount = 0

    /// A window is made of about so many marks; it is trimmed by whole ones.
    private static let markCount = 512

    /// - Parameters:
    ///   - marks: those of the file. They are worthless when they contradict each other.
    ///   - byteCount: how much was written after the last one.
    init(_ retention: Retention, marks: [Mark], writtenAfter byteCount: Int) {
        self.retention = retention
        let isOrdered = zip(marks, marks.dropFirst()).allSatisfy { first, second in
            first.revision < second.revision && first.time <= second.time
                && first.writtenByteCount <= second.writtenByteCount
        }
        self.marks = isOrdered ? ContiguousArray(marks) : []
        writtenByteCount = (self.marks.last?.writtenByteCount ?? 0) + byteCount
    }

    /// The mark to make with a group of commits that ends at `revision`; `nil` when the last one is
    /// near.
    func mark(at revision: Revision, adding byteCount: Int, time: Int64) -> Mark? {
        let written = writtenByteCount + byteCount
        if let last = marks.last {
            let isNear =
                time - last.time < ageInMilliseconds / Int64(Self.markCount)
                && written - last.writtenByteCount < retention.byteCount / Self.markCount
            if isNear { return nil }
        }
        // A clock that was set back must not make younger what came later.
        return Mark(
            revision: revision, time: max(time, marks.last?.time ?? time),
            writtenByteCount: written)
    }

    /// Notes what a group has written, and its mark.
    mutating func note(_ byteCount: Int, _ mark: Mark?) {
        writtenByteCount += byteCount
        if let mark { marks.append(mark) }
    }

    /// Where the window should begin; `nil` when that is not known to be past any mark.
    func start(at time: Int64) -> Revision? {
        let old = marks.prefix { time - $0.time >= ageInMilliseconds }.last?.revision
        let isTooLarge = { (mark: Mark) in
            writtenByteCount - mark.writtenByteCount > retention.byteCount
        }
        guard let first = marks.first, isTooLarge(first) else { return old }
        let large = marks.first { !isTooLarge($0) } ?? marks.last
        return max(old ?? .zero, large?.revision ?? .zero)
    }

    /// Forgets the marks before `revision`.
    mutating func forget(before revision: Revision) {
        let count = marks.prefix { $0.revision < revision }.count
        marks.removeFirst(count)
    }

    /// What lies behind the oldest mark, and all that was written when there is none.
    var extent: WindowExtent {
        WindowExtent(
            byteCount: writtenByteCount - (marks.first?.writtenByteCount ?? 0),
            oldestTime: marks.first?.time)
    }

    private var ageInMilliseconds: Int64 { Int64(retention.age / .milliseconds(1)) }
}

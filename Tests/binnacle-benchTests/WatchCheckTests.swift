import Buffers
import Testing

@testable import binnacle_bench

@Suite struct WatchCheckTests {
    private func event(_ text: String) throws -> EventLine {
        try Bytes(text).withUnsafeBytes { (line) throws(BenchFailure) in
            try EventLine(line)
        }
    }

    @Test func `an event tells its revision and when it was sent`() throws {
        let line = try event(
            """
            {"type":"ADDED","object":{"metadata":{"name":"a","resourceVersion":"4711"},\
            "data":{"sent":"sent-at-123"}}}
            """)
        #expect(line.kind == .change && line.revision == 4711 && line.sentAt == 123)
    }

    @Test func `a bookmark is no change`() throws {
        let line = try event(
            #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}"#)
        #expect(line.kind == .bookmark)
    }

    @Test(arguments: [
        #"{"type":"ERROR","object":{"code":410,"metadata":{"resourceVersion":"1"}}}"#,
        #"{"type":"ADDED","object":{"metadata":{"name":"a"}}}"#,
        #"{"kind":"Status"}"#,
    ])
    func `what is no event is refused`(text: String) {
        #expect(throws: BenchFailure.self) { try event(text) }
    }

    @Test func `an event that comes twice or late is refused`() throws {
        var tally = EventTally()
        try tally.add(revision: 5)
        #expect(throws: BenchFailure.self) { try tally.add(revision: 5) }
        #expect(throws: BenchFailure.self) { try tally.add(revision: 4) }
    }

    @Test func `a watcher that misses an event differs from one that does not`() throws {
        func tally(_ revisions: [UInt64]) throws -> EventTally {
            var tally = EventTally()
            for revision in revisions { try tally.add(revision: revision) }
            return tally
        }
        #expect(try tally([1, 2, 3, 4]) == tally([1, 2, 3, 4]))
        #expect(try tally([1, 2, 4]) != tally([1, 2, 3, 4]))
        #expect(try tally([1, 2, 4]) != tally([1, 3, 4]))
    }

    @Test func `lines come out whole wherever they are cut`() throws {
        let text: Bytes = "one\ntwo\n\nthree\n"
        for cut in 0...text.count {
            var splitter = LineSplitter()
            var lines: [String] = []
            for piece in [text[0..<cut], text.dropFirst(cut)] {
                try piece.withUnsafeBytes { (payload) throws(BenchFailure) in
                    try splitter.split(payload) {
                        lines.append(String(decoding: $0, as: UTF8.self))
                    }
                }
            }
            #expect(lines == ["one", "two", "", "three"], "cut at \(cut)")
        }
    }

    @Test func `a relayed event is the line that a watcher gets, with other numbers`() throws {
        let object = #"{"metadata":{"resourceVersion":"12"},"data":{"sent":"sent-at-34"}}"#
        let form = try EventForm(Bytes(object + "\n"))
        let line = try event(String(form.event(revision: 7, sentAt: 99)).filter { $0 != "\n" })
        #expect(line.kind == .change && line.revision == 7 && line.sentAt == 99)
        #expect(form.byteCount == object.utf8.count + #"{"type":"ADDED","object":}"#.utf8.count + 1)
    }

    @Test func `marks are found at the ends and not past them`() {
        func place(_ text: String) -> Int? {
            Bytes(text).withUnsafeBytes { offset(of: "aab", in: $0) }
        }
        #expect(place("aab") == 0)
        #expect(place("xaaab") == 2)
        #expect(place("aaxaa") == nil)
        #expect(place("aa") == nil)
        #expect(place("") == nil)
    }
}

import Buffers
import Observability
import Testing

struct ObservabilityTests {
    private let registry = MetricsRegistry()

    private func text() -> String {
        var buffer = ByteBuffer()
        registry.write(into: &buffer)
        return String(buffer.freeze())
    }

    @Test func `a counter and a gauge are written with their help and type`() {
        let requests = registry.counter("requests_total", help: "Requests taken.")
        let open = registry.gauge("connections_open", help: "Connections open now.")
        requests.increment()
        requests.increment(by: 41)
        open.increment(by: 3)
        open.decrement(by: 5)
        #expect(
            text() == """
                # HELP connections_open Connections open now.
                # TYPE connections_open gauge
                connections_open -2
                # HELP requests_total Requests taken.
                # TYPE requests_total counter
                requests_total 42

                """)
    }

    @Test func `a histogram counts each value in every bucket that holds it`() {
        let sizes = registry.histogram("size", help: "Sizes.", buckets: Buckets([1, 2.5, 10]))
        for value in [0, 1, 1.5, 2.5, 10.5, Double.infinity] { sizes.observe(value) }
        #expect(
            text() == """
                # HELP size Sizes.
                # TYPE size histogram
                size_bucket{le="1"} 2
                size_bucket{le="2.5"} 4
                size_bucket{le="10"} 4
                size_bucket{le="+Inf"} 6
                size_sum +Inf
                size_count 6

                """)
    }

    @Test func `a value that was seen several times is counted as often`() {
        let lags = registry.histogram("lag", help: "Lags.", buckets: Buckets([1, 2]))
        lags.observe(1.5, count: 64)
        lags.observe(.seconds(3), count: 2)
        #expect(text().contains("lag_bucket{le=\"2\"} 64\n"))
        #expect(text().contains("lag_sum 102\n") && text().contains("lag_count 66\n"))
    }

    @Test func `a counter may be asked for when it is written`() {
        registry.counter("sent_total", help: "Sent.", compute: { 7 })
        #expect(text().hasSuffix("# TYPE sent_total counter\nsent_total 7\n"))
    }

    @Test func `children of what is gone are not written any more`() {
        let reads = registry.counters("reads_total", help: "Reads.", labels: ["kind", "way"])
        for kind in ["a", "b"] { for way in ["x", "y"] { reads.child(kind, way).increment() } }
        reads.removeChildren(startingWith: ["a"])
        #expect(!text().contains("kind=\"a\""))
        #expect(text().contains("reads_total{kind=\"b\",way=\"x\"} 1"))
        #expect(reads.child("a", "x").value == 0)
    }

    @Test func `a duration is observed in seconds`() {
        let waits = registry.histogram("wait_seconds", help: "Waits.", buckets: Buckets([0.25]))
        waits.observe(.milliseconds(250))
        waits.observe(.milliseconds(1_250))
        #expect(text().contains("wait_seconds_bucket{le=\"0.25\"} 1\n"))
        #expect(text().contains("wait_seconds_sum 1.5\n"))
    }

    @Test func `a value that is not a number is counted past every bound`() {
        let values = registry.histogram("value", help: "Values.", buckets: Buckets([1]))
        values.observe(Double.nan)
        #expect(text().contains("value_bucket{le=\"1\"} 0\nvalue_bucket{le=\"+Inf\"} 1\n"))
        #expect(text().contains("value_sum NaN\n"))
    }

    @Test func `a family has one child for each combination of label values`() {
        let answers = registry.counters(
            "answers_total", help: "Answers.", labels: ["verb", "code"])
        answers.child("GET", "200").increment()
        answers.child("GET", "404").increment()
        answers.child("GET", "200").increment()
        #expect(
            text().hasSuffix(
                """
                answers_total{verb="GET",code="200"} 2
                answers_total{verb="GET",code="404"} 1

                """))
    }

    @Test func `a histogram's own label follows the family's`() {
        let waits = registry.histograms(
            "wait", help: "Waits.", labels: ["verb"], buckets: Buckets([1]))
        waits.child("GET").observe(0.5)
        #expect(
            text().hasSuffix(
                """
                wait_bucket{verb="GET",le="1"} 1
                wait_bucket{verb="GET",le="+Inf"} 1
                wait_sum{verb="GET"} 0.5
                wait_count{verb="GET"} 1

                """))
    }

    @Test func `label values and help are escaped, the quote only in values`() {
        let odd = registry.gauges("odd", help: "a \"b\" \\ c\nd", labels: ["text"])
        odd.child("a \"b\" \\ c\nd").set(7)
        #expect(
            text() == #"""
                # HELP odd a "b" \\ c\nd
                # TYPE odd gauge
                odd{text="a \"b\" \\ c\nd"} 7

                """#)
    }

    @Test func `past the limit new label values are counted together`() {
        let paths = registry.counters("paths_total", help: "Paths.", labels: ["path"])
        for number in 0..<(Limits.childCountMax + 25) {
            paths.child("/\(number)").increment()
        }
        let lines = text().split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines.count == Limits.childCountMax + 1)
        #expect(lines.contains("paths_total{path=\"other\"} 25"))
        #expect(lines.contains("paths_total{path=\"/0\"} 1"))
    }

    @Test func `a computed gauge is asked each time`() {
        let source = registry.gauge("source", help: "Set by hand.")
        registry.gauge("half", help: "Half of source.") { Double(source.value) / 2 }
        source.set(3)
        #expect(text().contains("\nhalf 1.5\n"))
        source.set(4)
        #expect(text().contains("\nhalf 2\n"))
    }

    @Test func `no observation of many tasks is lost`() async {
        let hits = registry.counter("hits_total", help: "Hits.")
        let sizes = registry.histogram("size", help: "Sizes.", buckets: Buckets([1, 2]))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for number in 0..<1_000 {
                        hits.increment()
                        sizes.observe(Double(number % 4))
                    }
                }
            }
        }
        #expect(hits.value == 8_000)
        #expect(text().contains("size_bucket{le=\"2\"} 6000\n"))
        #expect(text().contains("size_sum 12000\nsize_count 8000\n"))
    }

    @Test func `exponential buckets grow by the factor`() {
        let sizes = registry.histogram(
            "bytes", help: "Bytes.", buckets: .exponential(from: 64, factor: 4, count: 3))
        sizes.observe(100)
        let bounds = text().split(separator: "\n").filter { $0.contains("_bucket") }
        #expect(
            bounds == [
                "bytes_bucket{le=\"64\"} 0", "bytes_bucket{le=\"256\"} 1",
                "bytes_bucket{le=\"1024\"} 1", "bytes_bucket{le=\"+Inf\"} 1",
            ])
    }
}

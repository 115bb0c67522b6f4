import Buffers
import JSON
import Testing

@testable import binnacle_bench

@Suite struct ReportTests {
    private func round(_ perSecond: Double, cpuSeconds: Double = 1) -> Round {
        Round(
            perSecond: perSecond, count: 1000, cpuSeconds: cpuSeconds, seconds: 1,
            peakByteCount: 0, residentByteCount: 0)
    }

    private func row(own: [Double], rival: [Double]) -> RowResult {
        var row = RowResult(identifier: "get", title: "GET <one> & all")
        row.series = [
            Series(name: "binnacle", rounds: own.map { round($0) }),
            Series(name: "nginx", rounds: rival.map { round($0, cpuSeconds: 2) }),
        ]
        return row
    }

    @Test func `a ratio is the median of the ratios of neighbours`() {
        // The machine became three times as slow for the second pair; the servers did not.
        let row = row(own: [300, 100, 290], rival: [200, 80, 300])
        #expect(row.comparisons.map(\.rates.median) == [1.25])
        #expect(row.comparisons.map(\.cpu) == [0.5])
    }

    @Test func `a mark is met at its limit, and not when it must be below`() {
        func isMet(_ value: Double, _ bound: Mark.Bound) -> Bool {
            Mark(name: "m", value: value, bound: bound).isMet
        }
        #expect(isMet(2, .atLeast(2)) && !isMet(1.9, .atLeast(2)))
        #expect(isMet(2, .atMost(2)) && !isMet(2.1, .atMost(2)))
        #expect(isMet(1.9, .under(2)) && !isMet(2, .under(2)))
    }

    @Test func `figures that are no rivals are not compared`() {
        var row = row(own: [1], rival: [2])
        row.hasRivals = false
        #expect(row.comparisons.isEmpty)
    }

    @Test func `the chart shows each server, and says why there is no figure`() {
        var failed = RowResult(identifier: "list", title: "LIST")
        failed.failure = "the server is gone"
        let chart = BarChart([row(own: [3], rival: [2]), failed], Machine.unknown).document()
        let text = String(chart)
        #expect(text.contains(">binnacle</text>") && text.contains(">nginx</text>"))
        #expect(text.contains("GET &lt;one&gt; &amp; all"))
        #expect(text.contains("no figure: the server is gone"))
    }

    @Test func `a growth chart has a dot for each point, and knows how a curve grows`() {
        var curve = Curve(name: "GET", unit: "µs each")
        curve.points = [(1_000, 10), (10_000, 11), (100_000, 12)].map {
            Curve.Point(size: $0, value: $1)
        }
        var row = RowResult(identifier: "growth", title: "growth")
        row.curves = [curve]
        #expect(curve.growth == 1.2)
        let chart = String(GrowthChart([row]).document())
        #expect(chart.split(separator: "<circle").count == 4)
        #expect(GrowthChart([]).isEmpty)
    }

    @Test func `the document has what the table has`() throws {
        var row = row(own: [3], rival: [2])
        row.demandRatio(0.8, of: "nginx")
        let document = try JSONValue(parsing: JSONReport.document([row], Machine.unknown))
        let mark = document["rows"]?[0]?["marks"]?[0]
        #expect(mark?["value"]?.double == 1.5)
        #expect(mark?["atLeast"]?.double == 0.8)
        #expect(mark?["met"]?.bool == true)
        #expect(document["rows"]?[0]?["comparisons"]?[0]?["with"]?.string == "nginx")
    }
}

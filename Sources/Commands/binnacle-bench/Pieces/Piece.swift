// Parts of the server by themselves.

import Glibc
import SystemCalls

/// A hot part of the server, run again and again in this process, on one thread unless it makes its
/// own.
struct Piece {
    let name: String
    let title: String
    /// How many operations one run makes.
    var operationCount = 1
    /// How many bytes one run goes through; 0 when bytes are not the point.
    var byteCount = 0
    /// What is asked of it.
    var mark: (Series) -> Mark? = { _ in nil }
    /// What comes before each run and is not measured.
    var prepare: () throws -> Void = {}
    let run: () throws -> Void

    /// Runs it for `seconds` in each of so many rounds.
    func measure(rounds: Int, seconds: Double) throws -> RowResult {
        var series = Series(name: "binnacle")
        try prepare()
        try run()
        for _ in 0..<rounds { series.rounds.append(try round(seconds)) }
        var row = RowResult(identifier: "piece-\(name)", title: title)
        row.series = [series]
        row.marks = [mark(series)].compactMap(\.self)
        return row
    }

    private func round(_ seconds: Double) throws -> Round {
        var (runs, busy, cpu) = (0, Int64(0), 0.0)
        var latencies = LatencyHistogram()
        while Double(busy) < seconds * 1e9 {
            try prepare()
            let cpuBefore = Self.cpuSeconds()
            let start = monotonicNanoseconds()
            try run()
            let took = monotonicNanoseconds() - start
            cpu += Self.cpuSeconds() - cpuBefore
            busy += took
            runs += 1
            latencies.record(nanoseconds: took / Int64(operationCount))
        }
        let elapsed = Double(busy) / 1e9
        let figures = ProcessFigures(of: [getpid()])
        return Round(
            perSecond: Double(runs * operationCount) / elapsed, count: runs * operationCount,
            bodyBytesPerSecond: Double(runs * byteCount) / elapsed, latencies: latencies,
            cpuSeconds: cpu, seconds: elapsed, peakByteCount: figures.peakByteCount,
            residentByteCount: figures.residentByteCount)
    }

    /// Processor time of this process.
    private static func cpuSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

extension Row {
    static let pieces = Row("pieces", "parts of the server by themselves, in this process") {
        bench in
        let seconds = min(bench.options.seconds / 4, 0.5)
        return try Piece.all(bench).map { make in
            let piece = try make()
            return try piece.measure(rounds: bench.options.pairs, seconds: seconds)
        }
    }
}

extension Piece {
    /// Each is made when its turn comes, so that it holds no memory before and after.
    fileprivate static func all(_ bench: Workbench) -> [() throws -> Piece] {
        [
            Piece.jsonParse, Piece.jsonWrite, Piece.httpParse,
            Piece.apply, Piece.joinLeaves, Piece.deflateLeaves, Piece.filterMatch,
            Piece.demuxToAll, Piece.demuxByName,
            { try Piece.commit(bench, clients: 1) }, { try Piece.commit(bench, clients: 32) },
            { try Piece.journalLoad(bench) },
        ]
    }
}

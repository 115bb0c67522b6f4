// The same as the table, for programs.

import Buffers
import Glibc
import JSON

/// Writes all rows into one file.
enum JSONReport {
    /// Writes `bench-<moment>.json` into `folder` and returns its path.
    static func write(_ rows: [RowResult], _ machine: Machine, in folder: String) throws -> String {
        let document: JSONValue = [
            "machine": machine.json, "rows": .array(rows.map(json)),
        ]
        let path = "\(folder)/bench-\(moment()).json"
        try document.bytes.withUnsafeBytes { try Scratch.write($0, to: path) }
        return path
    }

    private static func moment() -> String {
        var now = time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        let day = [parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday]
        let hour = [parts.tm_hour, parts.tm_min, parts.tm_sec]
        return (day.map { padded(Int($0), 2) } + ["-"] + hour.map { padded(Int($0), 2) }).joined()
    }

    private static func json(_ row: RowResult) -> JSONValue {
        var document: JSONValue = [
            "id": .string(row.identifier), "title": .string(row.title),
            "servers": .array(row.series.map(json)),
            "facts": .array(
                row.facts.map {
                    ["name": .string($0.name), "value": number($0.value), "unit": .string($0.unit)]
                }),
            "marks": .array(row.marks.map(json)),
        ]
        document["ratio"] = row.ratios.map(json)
        document["cpuRatio"] = row.cpuRatio.map(number)
        document["failure"] = row.failure.map { .string($0) }
        return document
    }

    private static func json(_ series: Series) -> JSONValue {
        let latencies = series.latencies
        return [
            "name": .string(series.name),
            "perSecond": json(series.rates),
            "rounds": .array(series.rounds.map { number($0.perSecond) }),
            "count": number(Double(series.rounds.reduce(0) { $0 + $1.count })),
            "latencyMilliseconds": [
                "p50": number(Double(latencies.nanoseconds(at: 0.5)) / 1e6),
                "p90": number(Double(latencies.nanoseconds(at: 0.9)) / 1e6),
                "p99": number(Double(latencies.nanoseconds(at: 0.99)) / 1e6),
                "p999": number(Double(latencies.nanoseconds(at: 0.999)) / 1e6),
            ],
            "cpuSeconds": number(series.cpuSeconds),
            "cpuMicrosecondsEach": json(series.cpuMicrosecondsEach),
            "cores": json(series.cores),
            "bodyBytesPerSecond": json(series.bodyBytesPerSecond),
            "peakBytes": number(Double(series.peakByteCount)),
            "residentBytes": number(Double(series.residentByteCount)),
        ]
    }

    private static func json(_ spread: Spread) -> JSONValue {
        [
            "median": number(spread.median), "lowest": number(spread.lowest),
            "highest": number(spread.highest),
        ]
    }

    private static func json(_ mark: Mark) -> JSONValue {
        var document: JSONValue = [
            "name": .string(mark.name), "value": number(mark.value), "unit": .string(mark.unit),
            "met": .bool(mark.isMet),
        ]
        switch mark.bound {
        case .atLeast(let limit): document["atLeast"] = number(limit)
        case .under(let limit): document["under"] = number(limit)
        }
        return document
    }

    /// JSON knows no infinity.
    private static func number(_ value: Double) -> JSONValue {
        guard value.isFinite else { return .null }
        return .number(JSONNumber(value))
    }
}

// The same as the table, for programs.

import Buffers
import JSON

/// All rows in one document.
enum JSONReport {
    static func document(_ rows: [RowResult], _ machine: Machine) -> Bytes {
        let document: JSONValue = [
            "machine": machine.json, "rows": .array(rows.map(json)),
        ]
        return document.bytes
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
        document["comparisons"] = .array(
            row.comparisons.map {
                [
                    "with": .string($0.rival), "rate": json($0.rates),
                    "cpu": $0.cpu.map(number) ?? .null,
                ]
            })
        document["curves"] = .array(row.curves.map(json))
        document["references"] = .array(
            row.references.map {
                ["name": .string($0.name), "perSecond": number($0.perSecond)]
            })
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

    private static func json(_ curve: Curve) -> JSONValue {
        [
            "name": .string(curve.name), "unit": .string(curve.unit),
            "points": .array(
                curve.points.map {
                    ["size": .number(JSONNumber(Int64($0.size))), "value": number($0.value)]
                }),
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
        case .atMost(let limit): document["atMost"] = number(limit)
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

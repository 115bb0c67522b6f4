// Parts of times and of lengths of time.

import APIModel

enum TimeFunctions {
    /// `nil` for a name that is not one of these, or a receiver that is no time.
    static func call(_ name: String, _ values: [Value]) throws(EvaluationError) -> Value? {
        switch values.first {
        case .timestamp(let time)?:
            guard values.count <= 2 else { return nil }
            let zone = values.count == 2 ? try offset(values[1]) : 0
            return part(
                name, Timestamp(seconds: time.seconds + zone, microseconds: time.microseconds)
            )
            .map { .int($0) }
        case .duration(let duration)? where values.count == 1:
            return part(name, duration).map { .int($0) }
        default: return nil
        }
    }

    /// The seconds by which a zone such as `+02:00` is ahead of UTC.
    private static func offset(_ zone: Value) throws(EvaluationError) -> Int64 {
        guard case .string(let text) = zone else { throw .noOverload("timezone") }
        if text == "UTC" || text == "Z" || text.isEmpty { return 0 }
        let isNegative = text.hasPrefix("-")
        let parts = text.drop { $0 == "-" || $0 == "+" }.split(separator: ":")
        guard parts.count == 2, let hours = Int64(parts[0]), let minutes = Int64(parts[1]),
            hours < 24, minutes < 60, hours >= 0, minutes >= 0
        else {
            throw EvaluationError(
                "time zone \(text.quoted): this server knows UTC and offsets such as +02:00")
        }
        let seconds = hours * 3600 + minutes * 60
        return isNegative ? -seconds : seconds
    }

    private static func part(_ name: String, _ time: Timestamp) -> Int64? {
        let (days, seconds) = time.seconds.floorDivided(by: 86_400)
        switch name {
        case "getHours": return seconds / 3600
        case "getMinutes": return seconds / 60 % 60
        case "getSeconds": return seconds % 60
        case "getMilliseconds": return Int64(time.microseconds) / 1000
        // The first of January 1970 was a Thursday.
        case "getDayOfWeek": return (days + 4).floorDivided(by: 7).rest
        default: break
        }
        let date = CivilDate(days: days)
        switch name {
        case "getFullYear": return date.year
        case "getMonth": return date.month - 1
        case "getDate": return date.day
        case "getDayOfMonth": return date.day - 1
        case "getDayOfYear": return date.dayOfYear
        default: return nil
        }
    }

    private static func part(_ name: String, _ duration: GoDuration) -> Int64? {
        switch name {
        case "getHours": duration.nanoseconds / 3_600_000_000_000
        case "getMinutes": duration.nanoseconds / 60_000_000_000
        case "getSeconds": duration.nanoseconds / 1_000_000_000
        case "getMilliseconds": duration.nanoseconds / 1_000_000 % 1000
        default: nil
        }
    }
}

/// A day of the Gregorian calendar.
private struct CivilDate {
    let year: Int64
    let month: Int64
    let day: Int64
    /// From 0 on.
    let dayOfYear: Int64

    /// - Parameter days: since the first of January 1970.
    init(days: Int64) {
        // Years begin in March here, so that the day of the leap year is the last one.
        let (era, dayOfEra) = (days + 719_468).floorDivided(by: 146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayInYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayInYear + 2) / 153
        day = dayInYear - (153 * shifted + 2) / 5 + 1
        month = shifted < 10 ? shifted + 3 : shifted - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let isLeap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0
        dayOfYear = month <= 2 ? dayInYear - 306 : dayInYear + 59 + (isLeap ? 1 : 0)
    }
}

extension Int64 {
    /// The quotient rounded down, and a rest that is not negative.
    fileprivate func floorDivided(by divisor: Int64) -> (quotient: Int64, rest: Int64) {
        let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
    }
}

// Times as cron writes them.

/// Five fields (minute, hour, day of the month, month, day of the week), or one word such as
/// `@daily`. A field is a list of `*`, a number, a name or a range, each perhaps with a step.
enum CronSchedule {
    private struct Field {
        let name: String
        let range: ClosedRange<Int>
        var names: [String] = []
        /// The number of the first name.
        var firstName = 0
    }

    private static let words: Set<String> = [
        "@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly",
    ]
    private static let every = "@every "

    private static let fields = [
        Field(name: "minute", range: 0...59),
        Field(name: "hour", range: 0...23),
        Field(name: "day of the month", range: 1...31),
        Field(
            name: "month", range: 1...12,
            names: [
                "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
            ], firstName: 1),
        Field(
            name: "day of the week", range: 0...6,
            names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
    ]

    /// Why `schedule` cannot be read; `nil` when it can.
    static func problem(of schedule: String) -> String? {
        if schedule.contains("TZ") {
            return "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
        }
        if schedule.hasPrefix("@") {
            if words.contains(schedule) { return nil }
            let span = schedule.dropFirst(every.count)
            if schedule.hasPrefix(every), isDuration(span) { return nil }
            return "unrecognized descriptor: \(schedule)"
        }
        let parts = schedule.split(whereSeparator: \.isWhitespace)
        guard parts.count == fields.count else {
            return "expected exactly \(fields.count) fields, found \(parts.count): \(schedule)"
        }
        return zip(parts, fields).lazy.compactMap { problem(of: $0, $1) }.first
    }

    private static func problem(of text: Substring, _ field: Field) -> String? {
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = item.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count <= 2, let span = parts.first, isSpan(span, field) else {
                return "the \(field.name) cannot be \"\(item)\": it is from "
                    + "\(field.range.lowerBound) to \(field.range.upperBound)"
            }
            if parts.count == 2, Int(parts[1]).map({ $0 > 0 }) != true {
                return "the step of the \(field.name) must be a positive number: \"\(item)\""
            }
        }
        return nil
    }

    /// `*`, `?`, a number, or two with a hyphen, the lower one first.
    private static func isSpan(_ text: Substring, _ field: Field) -> Bool {
        if text == "*" || text == "?" { return true }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map {
            number($0, field)
        }
        guard ends.count <= 2, let first = ends.first ?? nil, let last = ends.last ?? nil else {
            return false
        }
        return field.range.contains(first) && field.range.contains(last) && first <= last
    }

    private static func number(_ text: Substring, _ field: Field) -> Int? {
        if let index = field.names.firstIndex(of: text.lowercased()) {
            return index + field.firstName
        }
        return text.allSatisfy({ "0"..."9" ~= $0 }) ? Int(text) : nil
    }

    /// A span of time as Go writes it: `1h30m`.
    private static func isDuration(_ text: Substring) -> Bool {
        var rest = text
        guard !rest.isEmpty else { return false }
        while !rest.isEmpty {
            let digits = rest.prefix { "0"..."9" ~= $0 || $0 == "." }
            rest = rest.dropFirst(digits.count)
            guard Double(digits) != nil,
                let unit = ["ns", "us", "µs", "ms", "s", "m", "h"].first(where: rest.hasPrefix)
            else { return false }
            rest = rest.dropFirst(unit.count)
        }
        return true
    }
}

/// Names of the time zone database. Whether a zone is in it, the controller finds out; here it is
/// looked at whether it could be.
enum TimeZoneName {
    private static let areas: Set<String> = [
        "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Brazil",
        "Canada", "Chile", "Etc", "Europe", "Indian", "Mexico", "Pacific", "US",
    ]
    private static let single: Set<String> = [
        "CET", "CST6CDT", "Cuba", "EET", "EST", "EST5EDT", "Egypt", "Eire", "GB", "GB-Eire", "GMT",
        "GMT+0", "GMT-0", "GMT0", "Greenwich", "HST", "Hongkong", "Iceland", "Iran", "Israel",
        "Jamaica", "Japan", "Kwajalein", "Libya", "MET", "MST", "MST7MDT", "NZ", "NZ-CHAT",
        "Navajo", "PRC", "PST8PDT", "Poland", "Portugal", "ROC", "ROK", "Singapore", "Turkey",
        "UCT", "UTC", "Universal", "W-SU", "WET", "Zulu",
    ]

    /// Why `name` is no time zone; `nil` when it may be one.
    static func problem(of name: String) -> String? {
        if name.isEmpty { return "timeZone must be nil or non-empty string" }
        if name.lowercased() == "local" {
            return "timeZone must be an explicit time zone as defined in "
                + "https://www.iana.org/time-zones"
        }
        if single.contains(name) { return nil }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let isName =
            parts.count > 1 && areas.contains(String(parts[0]))
            && parts.allSatisfy { part in
                part.first?.isLetter == true
                    && part.utf8.allSatisfy { byte in
                        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
                            || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                            || "_+-".utf8.contains(byte)
                    }
            }
        return isName ? nil : "unknown time zone \(name)"
    }
}

// Moments in the API's text form.

/// A moment, as RFC 3339 text in UTC: `2026-11-22T17:06:52Z`.
public struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Seconds since 1970-01-01T00:00:00Z.
    public let seconds: Int64
    /// Millionths of a second after that: 0 to 999,999.
    public let microseconds: Int32

    /// The present moment in whole seconds is for the caller to pass: this module reads no clock.
    public init(seconds: Int64, microseconds: Int32 = 0) {
        precondition((0..<1_000_000).contains(microseconds), "\(microseconds) µs")
        self.seconds = seconds
        self.microseconds = microseconds
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        (left.seconds, left.microseconds) < (right.seconds, right.microseconds)
    }

    /// Whole seconds, the form of metadata (`Time`). The year is written with four digits.
    public var description: String { dateAndTime + "Z" }

    /// With six digits of a second, the form of leases and events (`MicroTime`).
    public var microTime: String {
        let digits = String(microseconds)
        return dateAndTime + "." + String(repeating: "0", count: 6 - digits.utf8.count) + digits
            + "Z"
    }

    private var dateAndTime: String {
        let days = seconds.flooredDivision(by: 86_400)
        let time = seconds - days * 86_400
        let date = CivilDate(daysSince1970: days)
        return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T"
            + "\(padded(time / 3600, 2)):\(padded(time / 60 % 60, 2)):\(padded(time % 60, 2))"
    }

    private func padded(_ number: Int64, _ digitCount: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, digitCount - digits.utf8.count)) + digits
    }
}

extension Timestamp {
    /// Reads RFC 3339 text with any fraction of a second and any offset. Digits below a microsecond
    /// are dropped. Nil when the text is not one, or names a date that is not in the calendar.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            bytes[10] == UInt8(ascii: "T"), bytes[13] == UInt8(ascii: ":"),
            bytes[16] == UInt8(ascii: ":"),
            let year = Self.number(bytes[0..<4]), let month = Self.number(bytes[5..<7]),
            let day = Self.number(bytes[8..<10]), let time = Self.clock(bytes[11..<19])
        else { return nil }
        guard (1...12).contains(month), day >= 1, day <= CivilDate.dayCount(of: month, in: year)
        else { return nil }
        let date = CivilDate(year: year, month: month, day: day)
        guard let rest = Self.fractionAndOffset(bytes[19...]) else { return nil }
        self.init(
            seconds: date.daysSince1970 * 86_400 + time - rest.offset,
            microseconds: rest.microseconds)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        guard digits.allSatisfy(ByteClass.digit.contains) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }

    /// `hh:mm:ss` in seconds.
    private static func clock(_ text: ArraySlice<UInt8>) -> Int64? {
        let start = text.startIndex
        guard let hour = number(text[start..<(start + 2)]), hour < 24,
            let minute = number(text[(start + 3)..<(start + 5)]), minute < 60,
            let second = number(text[(start + 6)..<(start + 8)]), second < 60
        else { return nil }
        return hour * 3600 + minute * 60 + second
    }

    private static func fractionAndOffset(
        _ text: ArraySlice<UInt8>
    ) -> (microseconds: Int32, offset: Int64)? {
        var rest = text
        var microseconds: Int64 = 0
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix(while: ByteClass.digit.contains)
            guard !digits.isEmpty, let fraction = number(digits.prefix(6)) else { return nil }
            microseconds = fraction
            for _ in min(digits.count, 6)..<6 { microseconds *= 10 }
            rest = rest[digits.endIndex...]
        }
        guard let offset = offset(rest) else { return nil }
        return (Int32(microseconds), offset)
    }

    /// `Z`, `+hh:mm` or `-hh:mm`, in seconds.
    private static func offset(_ text: ArraySlice<UInt8>) -> Int64? {
        if text.elementsEqual("Z".utf8) { return 0 }
        let start = text.startIndex
        guard text.count == 6, text[start + 3] == UInt8(ascii: ":"),
            let hour = number(text[(start + 1)..<(start + 3)]), hour < 24,
            let minute = number(text[(start + 4)..<(start + 6)]), minute < 60
        else { return nil }
        switch text[start] {
        case UInt8(ascii: "+"): return hour * 3600 + minute * 60
        case UInt8(ascii: "-"): return -(hour * 3600 + minute * 60)
        default: return nil
        }
    }
}

/// A day of the Gregorian calendar. Years are counted from March, so that the leap day comes last.
private struct CivilDate {
    let year: Int64
    let month: Int64
    let day: Int64

    init(year: Int64, month: Int64, day: Int64) {
        self.year = year
        self.month = month
        self.day = day
    }

    private static let daysPerEra: Int64 = 146_097  // 400 years
    private static let daysFromMarchZeroTo1970: Int64 = 719_468

    init(daysSince1970: Int64) {
        let days = daysSince1970 + Self.daysFromMarchZeroTo1970
        let era = days.flooredDivision(by: Self.daysPerEra)
        let dayOfEra = days - era * Self.daysPerEra
        let leapCorrection = dayOfEra / 1460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leapCorrection) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    var daysSince1970: Int64 {
        let marchYear = month <= 2 ? year - 1 : year
        let era = marchYear.flooredDivision(by: 400)
        let yearOfEra = marchYear - era * 400
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * Self.daysPerEra + dayOfEra - Self.daysFromMarchZeroTo1970
    }

    static func dayCount(of month: Int64, in year: Int64) -> Int64 {
        switch month {
        case 2:
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            return isLeap ? 29 : 28
        case 4, 6, 9, 11: return 30
        default: return 31
        }
    }
}

extension Int64 {
    fileprivate func flooredDivision(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}

// The date as HTTP writes it (IMF-fixdate: RFC 9110, 5.6.7).

import Buffers

/// Writes dates as in `Sun, 06 Nov 1994 08:49:37 GMT`.
public enum HTTPDate {
    private static let weekdays: StaticString = "ThuFriSatSunMonTueWed"
    private static let months: StaticString = "JanFebMarAprMayJunJulAugSepOctNovDec"

    /// Appends the date of `seconds` since 1970-01-01 in UTC.
    /// - Precondition: the year has four digits.
    public static func append(seconds: Int64, to buffer: inout ByteBuffer) {
        let days = Int(seconds.dividedFlooring(by: 86_400))
        let second = Int(seconds) - days * 86_400
        let (year, month, day) = civilDate(days: days)
        precondition((1...9999).contains(year), "year \(year)")
        append(name: weekdays, (days % 7 + 7) % 7, to: &buffer)
        buffer.append(literal: ", ")
        append(number: day, digits: 2, to: &buffer)
        buffer.append(literal: " ")
        append(name: months, month - 1, to: &buffer)
        buffer.append(literal: " ")
        append(number: year, digits: 4, to: &buffer)
        buffer.append(literal: " ")
        append(number: second / 3600, digits: 2, to: &buffer)
        buffer.append(literal: ":")
        append(number: second / 60 % 60, digits: 2, to: &buffer)
        buffer.append(literal: ":")
        append(number: second % 60, digits: 2, to: &buffer)
        buffer.append(literal: " GMT")
    }

    private static func append(name names: StaticString, _ index: Int, to buffer: inout ByteBuffer)
    {
        buffer.append(UnsafeRawBufferPointer(start: names.utf8Start + index * 3, count: 3))
    }

    private static func append(number: Int, digits: Int, to buffer: inout ByteBuffer) {
        var divisor = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            buffer.append(UInt8(48 + number / divisor % 10))
            divisor /= 10
        }
    }

    /// The Gregorian date of a day counted from 1970-01-01. Years are taken to start in March, so
    /// that the leap day is the last one.
    private static func civilDate(days: Int) -> (year: Int, month: Int, day: Int) {
        let fromMarch = days + 719_468
        let era = fromMarch.dividedFlooring(by: 146_097)
        let dayOfEra = fromMarch - era * 146_097
        let leapDays = dayOfEra / 1_460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leapDays) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}

extension BinaryInteger {
    /// The quotient, rounded down also for negative numbers.
    fileprivate func dividedFlooring(by divisor: Self) -> Self {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}

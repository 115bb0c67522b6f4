// Moments of the calendar, by which certificates and tokens begin and end.

// Reason for both: OpenSSL's module brings <time.h> along, and whose `tm` is meant depends on the
// kind of build.
import COpenSSL
import Glibc

/// A moment in whole seconds since 1970-01-01T00:00:00Z, without leap seconds.
public struct WallTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let seconds: Int64

    public init(seconds: Int64) { self.seconds = seconds }

    /// What the system's clock says. It may be set back and forth.
    public static var now: WallTime { WallTime(seconds: Int64(time(nil))) }

    public static func < (left: WallTime, right: WallTime) -> Bool { left.seconds < right.seconds }

    /// Fractions of a second are dropped.
    public static func + (moment: WallTime, duration: Duration) -> WallTime {
        WallTime(seconds: moment.seconds + duration.components.seconds)
    }

    public static func - (moment: WallTime, duration: Duration) -> WallTime {
        WallTime(seconds: moment.seconds - duration.components.seconds)
    }

    /// How long it is from `earlier` to this moment; negative when it is the other way round.
    public func since(_ earlier: WallTime) -> Duration {
        .seconds(seconds - earlier.seconds)
    }

    /// RFC 3339 in UTC: `2026-11-22T17:06:52Z`.
    public var description: String {
        var moment = time_t(seconds)
        var parts = tm()
        gmtime_r(&moment, &parts)
        var text = [CChar](repeating: 0, count: 64)
        let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
        return String(decoding: text[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

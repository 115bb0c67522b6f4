// The values that flags take.

import ArgumentParser
import Logging
import SystemCalls

/// Which store keeps the objects.
enum StoreChoice: String, CaseIterable, ExpressibleByArgument {
    case sqlite, memory, etcd
}

/// The least severe message that is logged.
enum LogLevel: String, CaseIterable, ExpressibleByArgument {
    case trace, debug, info, notice, warning, error, critical

    var level: Logger.Level { Logger.Level(rawValue: rawValue) ?? .info }
}

extension SocketAddress: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

/// An address of this machine that others reach: IPv4 or IPv6, without a port.
struct AdvertisedHost: ExpressibleByArgument, CustomStringConvertible {
    let address: SocketAddress
    var description: String { address.host }

    init?(argument: String) {
        let isIPv6 = argument.utf8.contains(UInt8(ascii: ":"))
        guard let address = SocketAddress(isIPv6 ? "[\(argument)]:0" : "\(argument):0") else {
            return nil
        }
        self.address = address
    }
}

/// The files of a certificate and of its key: `tls.crt,tls.key`.
struct CertificatePaths: ExpressibleByArgument, Sendable {
    let certificate: String
    let key: String

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts.contains(where: \.isEmpty) else { return nil }
        certificate = String(parts[0])
        key = String(parts[1])
    }
}

/// A length of time: `90s`, `30m`, `24h`, `7d`.
struct Age: ExpressibleByArgument, CustomStringConvertible {
    let duration: Duration
    let description: String

    /// What a unit is in seconds.
    private static let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    /// A hundred years: more is a slip.
    private static let secondsMax: Int64 = 36_525 * 86_400

    init?(argument: String) {
        guard let unit = argument.last.flatMap({ Self.units[$0] }),
            let count = Int64(argument.dropLast()), count > 0, count <= Self.secondsMax / unit
        else { return nil }
        duration = .seconds(count * unit)
        description = argument
    }
}

/// A number of bytes: `65536`, `512KiB`, `100MiB`, `1GiB`.
struct ByteSize: ExpressibleByArgument, CustomStringConvertible {
    let byteCount: Int
    let description: String

    private static let units: [(name: String, shift: Int)] = [
        ("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40), ("", 0),
    ]

    init?(argument: String) {
        guard let unit = Self.units.first(where: { argument.hasSuffix($0.name) }),
            let count = Int(argument.dropLast(unit.name.count)), count > 0,
            count <= Int.max >> (unit.shift + 1)
        else { return nil }
        byteCount = count << unit.shift
        description = argument
    }
}

// The values that flags take.

import ArgumentParser
import Logging
import SystemCalls

/// Which store keeps the objects.
enum StoreChoice: String, CaseIterable, ExpressibleByArgument {
    case sqlite, memory
}

/// The least severe message that is logged.
enum LogLevel: String, CaseIterable, ExpressibleByArgument {
    case trace, debug, info, notice, warning, error, critical

    var level: Logger.Level { Logger.Level(rawValue: rawValue) ?? .info }
}

extension SocketAddress: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

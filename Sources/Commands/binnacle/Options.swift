// The values that flags take.

import ArgumentParser
import Logging
import SystemCalls

/// Which store keeps the objects.
enum StoreChoice: String, CaseIterable, ExpressibleByArgument {
    case sqlite, memory
}

extension Logger.Level: @retroactive ExpressibleByArgument {}

extension SocketAddress: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

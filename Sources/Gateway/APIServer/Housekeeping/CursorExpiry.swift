// Cursors that nobody uses any more.

import EventLoops
import Logging

/// Removes the cursors that have not been used for their lifetime. Several gateways may do this at
/// once, while others use them: one that has been used meanwhile stays.
struct CursorExpiry: Sendable {
    let cursors: Cursors
    let log: Logger

    func run() async {
        let (expired, kept) = cursors.unused()
        cursors.quiet.keep(kept)
        for cursor in expired {
            do {
                try await cursors.remove(cursor)
            } catch {
                log.warning("the unused cursor \(cursor.key) could not be removed: \(error)")
                return
            }
        }
    }
}

extension Gateway {
    /// Looks for unused cursors from now on. Not at once: clients that have waited for this server
    /// to come back find theirs.
    func startCursorExpiry(_ services: LoopServices) {
        services.loop.execute { [self] in scheduleCursorExpiry(services) }
    }

    private func scheduleCursorExpiry(_ services: LoopServices) {
        let interval = Limits.cursorExpiryInterval
        services.loop.schedule(after: interval) { [weak self, weak services] in
            guard let self, let services, !hasBegunToStop else { return }
            let expiry = CursorExpiry(cursors: cursors, log: log)
            Task { await expiry.run() }
            scheduleCursorExpiry(services)
        }
    }
}

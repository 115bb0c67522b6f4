import Logging
import WatchCache

/// Tells the operator what the cache reports.
struct CacheLog: Sendable {
    let log: Logger

    func write(_ report: CacheReport) {
        switch report {
        case .refused(let key, let revision):
            log.error("the item \(key) at revision \(revision) is not of its kind's form")
        case .broken(let error, let wait):
            log.warning("the store's watch broke (\(error)); trying again in \(wait)")
        case .relisted(let after, let at, let derived):
            log.warning(
                "the store had no events after \(after); \(derived) were found by a list at \(at)")
        case .differs(let finding):
            log.error(
                """
                the cache of \(finding.resource) differs from the store at \(finding.revision): \
                \(finding.keyCount) keys or more, first \(finding.firstKey)
                """)
        case .corrected(let at, let count):
            log.warning("\(count) objects are as in the store again; watchers learn it at \(at)")
        case .unchecked(let resource, let error):
            log.warning("the cache of \(resource) was not compared with the store (\(error))")
        case .unreadable(let error):
            log.error("past events could not be read (\(error)); their watchers list again")
        case .rebuilt(let after, let at):
            log.error("the store is not the one that it was: from \(after) to \(at); starting anew")
        }
    }
}

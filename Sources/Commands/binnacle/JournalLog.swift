import Logging
import SQLiteStorage

/// Tells the operator what the journal reports.
struct JournalLog: Sendable {
    let log: Logger

    func write(_ report: JournalReport) {
        switch report {
        case .setAside(let path, let reason):
            log.warning("the journal was not believed and is \(path) now: \(reason)")
        case .rebuilt(let at, let count):
            log.notice("the journal begins with the store's \(count) items at \(at)")
        case .unchecked(let error):
            log.warning("the store cannot be asked (\(error)); the journal is served until it can")
        case .broken(let error, let wait):
            log.warning("the store cannot be followed (\(error)); trying again in \(wait)")
        case .derived(let after, let at, let count):
            log.warning(
                "the store had no events after \(after); \(count) were found by a list at \(at)")
        case .notWritten(let error, let wait):
            log.error("the journal is not written (\(error)); trying again in \(wait)")
        case .writtenAgain(let through):
            log.notice("the journal is written again, and has everything up to \(through)")
        case .lost(let after):
            log.error("the journal ends at \(after): it could not be written for too long")
        }
    }
}

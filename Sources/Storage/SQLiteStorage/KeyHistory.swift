import SQLite
import Storage

/// The past of one key, found by going back from row to row: what happened to others is not read.
struct KeyHistory {
    let reader: LogReader
    let request: HistoryRequest
    /// The newest revision that may be shown.
    let last: Revision

    /// The next events of the key whose newest row is `latest`; `nil` when there are so many that
    /// reading the log from the position on is better.
    func page(_ latest: Latest) throws(StorageError) -> HistoryPage? {
        guard let positions = try positions(from: latest.position) else { return nil }
        var page = HistoryPageBuilder(request)
        for position in positions.reversed() {
            guard page.begin(position.revision) else { return page.finish() }
            let row = try reader.row(at: position)
            guard request.range.contains(row.key) else { throw misled(row) }
            let event = row.event
            if page.wantsPrevious(of: event), let before = row.before {
                page.append(event, previous: try reader.item(at: before))
            } else {
                page.append(event, previous: nil)
            }
        }
        return page.finish(through: last)
    }

    /// Where the key's rows after the request's position are, the newest first.
    private func positions(from newest: Position) throws(StorageError) -> [Position]? {
        var positions: [Position] = []
        var position = newest
        var count = 0
        // What is at or before the request's position may have been swept.
        while position.revision > request.position {
            if count == Limits.keyHistoryRowCountMax { return nil }
            count += 1
            if position.revision <= last { positions.append(position) }
            position = try reader.link(at: position).before
        }
        return positions
    }

    private func misled(_ row: LogRow) -> StorageError {
        .corrupted(
            reason: "\(reader.connection.path): the row at revision \(row.position.revision) is of "
                + "\(row.key), and the index names it for \(request.range.lower)")
    }
}

extension LogReader {
    /// The next events of `request`.
    /// - Parameter onlyKey: the newest row of the request's only key, if it has one.
    func history(
        _ request: HistoryRequest, through last: Revision, onlyKey: Latest??
    ) throws(StorageError) -> HistoryPage {
        guard let onlyKey else { return try history(request, through: last) }
        guard let latest = onlyKey else { return HistoryPage(events: [], through: last) }
        let history = KeyHistory(reader: self, request: request, last: last)
        if let page = try history.page(latest) { return page }
        return try self.history(request, through: last)
    }
}

// What a row is, and which there are.

/// A row of the table, or a few that share their servers: a name, what it says, and how it is
/// measured.
///
/// A new one is a file in this folder that makes a `Row`, and a line in `all`. What it measures
/// goes through a ``Workbench``, which starts servers and ends them, and comes back as
/// ``RowResult``: a series for each server, binnacle's first, and marks for what is asked of them.
struct Row: Sendable {
    /// As `--only` takes it.
    let name: String
    let meaning: String
    let measure: @Sendable (Workbench) throws -> [RowResult]

    init(
        _ name: String, _ meaning: String,
        _ measure: @escaping @Sendable (Workbench) throws -> [RowResult]
    ) {
        self.name = name
        self.meaning = meaning
        self.measure = measure
    }

    /// All rows, in the order of the table.
    static let all: [Row] = [
        // One object.
        .get, .notModified, .paced,
        // Lists.
        .list, .gzip, .label, .node, .limit, .listCrowd,
        // Writes.
        .create, .update,
        // Watchers.
        .watch, .poll, .namedWatchers, .nodeWatchers, .idle, .stalled,
        // Size.
        .memory, .footprint, .growth,
        // The history.
        .restart, .catchUp, .trimming,
        // Parts of the server by themselves.
        .pieces,
    ]
}

// The file of a log from the side of its one writer.

import Buffers
import Dispatch
import SQLite
import Storage
import Synchronization

/// An open log: the writer's statements, what is published, the window and its sweep.
class OpenLog: @unchecked Sendable {
    // Reason: all variables are touched on `queue` only, which the connection asserts.

    /// The statements of the writer's connection.
    struct OpenFile {
        let reader: LogReader
        let writer: LogWriter
    }

    let queue: DispatchQueue
    let log: SharedLog
    let isFaulty: FaultInjection
    /// The time since 1970, in milliseconds.
    let wallTime: @Sendable () -> Int64
    /// How far back the log is kept; `nil` keeps all of it.
    var window: Window?
    /// What the window measures, for readers on any thread.
    let extent = Mutex(WindowExtent())
    /// The open file, until `closeFile`.
    var file: OpenFile?
    var sweeper: Sweeper
    /// Whether steps of a sweep are taken that nobody waits for.
    var isSweeping = false

    /// - Parameter connection: one that belongs to `queue`.
    init(
        _ connection: Connection, on queue: DispatchQueue, loaded: some LogContent,
        _ surroundings: Surroundings
    ) throws(SQLiteFailure) {
        self.queue = queue
        isFaulty = surroundings.isFaulty
        wallTime = surroundings.wallTime
        sweeper = try Sweeper(connection, after: loaded.swept)
        file = OpenFile(
            reader: try LogReader(connection, isSparse: loaded.isSparse),
            writer: try LogWriter(connection))
        log = SharedLog(loaded)
        window = surroundings.retention.map {
            Window($0, marks: loaded.marks, writtenAfter: loaded.byteCountAfterMarks)
        }
        noteExtent()
    }

    /// Called within the transaction of the file that moves the window to `revision`.
    func windowMoves(to revision: Revision, _ file: OpenFile) throws(SQLiteFailure) {}

    /// Called after the commits of a step, whoever made them.
    func fileHasGrown() {}

    func closeFile() {
        sweeper.close()
        file = nil
    }

    func commitFile(_ writer: LogWriter) throws(SQLiteFailure) {
        if isFaulty(.commit) { throw .injected }
        try writer.commit()
        if isFaulty(.commitAnswer) { throw .injected }
    }

    /// Runs a statement on the writer's connection.
    func execute(_ sql: String) async throws(StorageError) {
        try await queue.run { () throws(StorageError) in
            guard let file = self.file else { throw .closed }
            do throws(SQLiteFailure) {
                try file.writer.connection.execute(sql)
            } catch {
                throw error.whileReading
            }
        }
    }

    static func byteCount(of rows: some Sequence<LogRow>) -> Int {
        rows.reduce(0) { $0 + $1.key.bytes.count + $1.value.count }
    }
}

// What the disk itself takes to make something durable.

import Glibc
import SystemCalls

/// A bare loop of write(2) and fdatasync(2): no commit can be faster.
enum SyncFloor {
    private static let blockByteCount = 4_096
    private static let blockCount = 1_024

    /// Overwrites the blocks of a new file at `path` one after another.
    static func measure(_ path: String, seconds: Double) throws -> LatencyHistogram {
        let file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw BenchFailure("\(path): errno \(errno)") }
        defer {
            close(file)
            unlink(path)
        }
        let block = [UInt8](repeating: 88, count: blockByteCount)
        // The blocks are there before, as those of a write-ahead log are that has been used.
        for _ in 0..<blockCount where write(file, block, block.count) != block.count {
            throw BenchFailure("\(path): errno \(errno)")
        }
        guard fsync(file) == 0 else { throw BenchFailure("\(path): errno \(errno)") }
        var latencies = LatencyHistogram()
        let end = monotonicNanoseconds() + Int64(seconds * 1e9)
        var position = 0
        while case let start = monotonicNanoseconds(), start < end {
            let offset = off_t(position % blockCount * blockByteCount)
            guard pwrite(file, block, block.count, offset) == block.count, fdatasync(file) == 0
            else { throw BenchFailure("\(path): errno \(errno)") }
            latencies.record(nanoseconds: monotonicNanoseconds() - start)
            position += 1
        }
        return latencies
    }
}

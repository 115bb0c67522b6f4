import Buffers
import HTTPServer
import Storage
import WatchCache

/// Delivers a watcher's frames to its connection. When the connection takes no more, the watcher is
/// parked at its position, and goes on when the connection is writable again.
final class StreamSink: WatchSink {
    private let stream: ResponseStream
    private let endFrame: (WatchEnd) -> Bytes?
    /// Called once, when the stream is over.
    var onEnd: (() -> Void)?

    init(_ stream: ResponseStream, endFrame: @escaping (WatchEnd) -> Bytes?) {
        self.stream = stream
        self.endFrame = endFrame
    }

    func deliver(_ frames: [Bytes], through: Revision) -> SinkState {
        switch stream.write(frames) {
        case .ready: .ready
        case .full: .full
        case .closed: .closed
        }
    }

    func end(_ reason: WatchEnd) {
        if let frame = endFrame(reason) { _ = stream.write(frame) }
        stream.end()
        onEnd?()
        onEnd = nil
    }
}

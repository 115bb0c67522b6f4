// The frames that one encoder has made, so that each event is encoded once.

import Buffers
import Storage

/// An encoder and the frames that its watchers are likely to want again.
final class EncoderSlot {
    /// Names a frame: an event and how a watcher sees it.
    struct FrameName: Hashable {
        let number: UInt64

        init(_ event: LogEvent, _ change: WatchedEvent.Change) {
            number = event.sequence << 2 | UInt64(change.rawValue)
        }
    }

    /// As many frames as the watchers that read on by themselves are likely to be apart.
    private static let frameCountKept = 64

    let encoder: any EventEncoder
    var watcherCount = 0
    /// The frames of this round begin here.
    var root = FrameArena.none
    private var kept: [(name: FrameName, frame: Bytes)?] = []
    private var bookmark: (revision: Revision, frames: [Bytes])?

    init(_ encoder: any EventEncoder) { self.encoder = encoder }

    func frame(_ event: LogEvent, _ change: WatchedEvent.Change) -> Bytes {
        if kept.isEmpty { kept = Array(repeating: nil, count: Self.frameCountKept) }
        let name = FrameName(event, change)
        let place = Int(truncatingIfNeeded: name.number % UInt64(Self.frameCountKept))
        if let known = kept[place], known.name == name { return known.frame }
        let frame = encoder.encode(.change(change, Self.object(event, change)))
        kept[place] = (name, frame)
        return frame
    }

    /// An object that the watcher does not see any more is shown as it last saw it.
    static func object(_ event: LogEvent, _ change: WatchedEvent.Change) -> CachedObject {
        guard change == .deleted, event.kind != .deleted, let previous = event.previous else {
            return event.object
        }
        return previous.respliced(at: event.revision)
    }

    func bookmark(_ revision: Revision) -> [Bytes] {
        if let bookmark, bookmark.revision == revision { return bookmark.frames }
        let frames = [encoder.encode(.bookmark(revision))]
        bookmark = (revision, frames)
        return frames
    }

    /// Lets go of frames that nobody is about to read.
    func forgetFrames() {
        kept = []
        bookmark = nil
    }
}

// The frames that a round of the fan-out hands out.

import Buffers

/// The runs of frames that the watchers of one round are to get. Watchers that see the same events
/// share one run, and so one array.
struct FrameArena {
    /// A run, by the place of its last frame.
    typealias Run = Int32
    static let none: Run = -1

    private struct Node {
        /// The run without its last frame; `none` at the root.
        let parent: Run
        let name: EncoderSlot.FrameName?
        let frame: Bytes
        /// The runs that go on from here with the newest event, one for each change.
        var newest = (FrameArena.none, FrameArena.none, FrameArena.none)
        var frames: [Bytes]?
    }

    private var nodes: ContiguousArray<Node> = []

    mutating func removeAll() { nodes.removeAll(keepingCapacity: true) }

    /// A run without frames.
    mutating func root() -> Run { add(Node(parent: Self.none, name: nil, frame: .empty)) }

    private mutating func add(_ node: Node) -> Run {
        nodes.append(node)
        return Run(nodes.count - 1)
    }

    /// The run that goes on from `run` with one more event. Events come in order, so that only the
    /// newest can be asked for again.
    mutating func next(
        _ run: Run, _ event: LogEvent, _ change: WatchedEvent.Change, _ slot: EncoderSlot
    ) -> Run {
        let name = EncoderSlot.FrameName(event, change)
        let newest = nodes[Int(run)].newest
        let known =
            switch change {
            case .added: newest.0
            case .modified: newest.1
            case .deleted: newest.2
            }
        if known != Self.none, nodes[Int(known)].name == name { return known }
        let new = add(Node(parent: run, name: name, frame: slot.frame(event, change)))
        switch change {
        case .added: nodes[Int(run)].newest.0 = new
        case .modified: nodes[Int(run)].newest.1 = new
        case .deleted: nodes[Int(run)].newest.2 = new
        }
        return new
    }

    /// All frames of the run, in order.
    mutating func frames(of run: Run) -> [Bytes] {
        if let frames = nodes[Int(run)].frames { return frames }
        var reversed: [Bytes] = []
        var node = nodes[Int(run)]
        while node.parent != Self.none {
            reversed.append(node.frame)
            node = nodes[Int(node.parent)]
        }
        reversed.reverse()
        nodes[Int(run)].frames = reversed
        return reversed
    }
}

// Which pods are bound to which node, and what they refer to.

import Buffers
import JSON
import Storage
import Synchronization
import WatchCache

/// Follows the pods for those nodes that ask. A node that asks for the first time costs a look at
/// its own pods; pods of other nodes cost nothing.
final class NodeGraph: Sendable {
    private struct Node {
        var pods: [Key: Set<ReferredObject>] = [:]
        /// How many pods refer to it.
        var counts: [ReferredObject: Int] = [:]

        mutating func set(_ references: Set<ReferredObject>?, for pod: Key) {
            for object in pods[pod] ?? [] {
                let rest = counts[object, default: 0] - 1
                counts[object] = rest > 0 ? rest : nil
            }
            pods[pod] = references
            for object in references ?? [] { counts[object, default: 0] += 1 }
        }
    }

    private struct State {
        var pods: FollowedResource
        var nodes: [String: Node] = [:]
        var resetCount: UInt64
    }

    private let cache: Cache
    private let pods: ResourceCache
    /// Where the pods' fields have the node's name.
    private let nodeField: Int
    private let state: Mutex<State>

    /// - Precondition: `cache` holds pods, which can be selected by `spec.nodeName`.
    init(_ cache: Cache) {
        guard let pods = cache.resource("core/pods"),
            let nodeField = pods.description.field(named: "spec.nodeName")
        else { preconditionFailure("the cache does not hold pods by node") }
        self.cache = cache
        self.pods = pods
        self.nodeField = nodeField
        state = Mutex(State(pods: FollowedResource(pods), resetCount: cache.resetCount))
    }

    /// Whether a pod that is bound to `node` refers to `object`.
    func refers(_ node: String, to object: ReferredObject) -> Bool {
        look(at: node) { $0.counts[object] != nil }
    }

    /// Whether the pod is bound to `node`.
    func isBound(_ pod: (namespace: String, name: String), to node: String) -> Bool {
        let key = Key("core/pods/\(pod.namespace)/\(pod.name)")
        return look(at: node) { $0.pods[key] != nil }
    }

    private func look(at name: String, _ body: (Node) -> Bool) -> Bool {
        state.withLock { state in
            catchUp(&state)
            if let node = state.nodes[name] { return body(node) }
            if state.nodes.count >= Limits.followedNodeCountMax { state.nodes.removeAll() }
            let node = node(name)
            state.nodes[name] = node
            return body(node)
        }
    }

    private func catchUp(_ state: inout State) {
        let resetCount = cache.resetCount
        if resetCount != state.resetCount {
            state.resetCount = resetCount
            state.pods.restart()
        }
        var nodes = state.nodes
        state.nodes = [:]
        state.pods.catchUp { change in
            switch change {
            case .all: nodes = [:]
            case .event(let event):
                let name = event.object.field(nodeField).description
                guard nodes[name] != nil else { return }
                let isGone = event.kind == .deleted
                nodes[name]?.set(isGone ? nil : event.object.references, for: event.object.key)
            }
        }
        state.nodes = nodes
    }

    /// A node from what the cache shows. Events that are part of it already may follow: they lead
    /// to the same state.
    private func node(_ name: String) -> Node {
        var node = Node()
        let selection = Selection(fields: [FieldRequirement(.field(nodeField), name)])
        pods.snapshot().forEach(matching: pods.filter(selection)) { pod in
            node.set(pod.references, for: pod.key)
            return true
        }
        return node
    }
}

extension CachedObject {
    fileprivate var references: Set<ReferredObject> {
        PodReferences(value, in: namespace.description).objects
    }
}

// Where in an object a member stands.

/// A path to a member of an object, printed as `spec.containers[0].name` or `metadata.labels[app]`.
///
/// Extending a path makes one small node that shares the nodes before it; the text is made only
/// when it is asked for. So a validator may extend a path at each step, also when no error comes of
/// it.
public struct FieldPath: Hashable, Sendable, CustomStringConvertible {
    private enum Step: Hashable, Sendable {
        case member(String)
        case index(Int)
        case key(String)
    }

    private final class Node: Sendable {
        let parent: Node?
        let step: Step

        init(parent: Node?, step: Step) {
            self.parent = parent
            self.step = step
        }
    }

    private let node: Node?

    private init(node: Node?) { self.node = node }

    /// The object itself.
    public static let root = FieldPath(node: nil)

    /// A member of the object: `FieldPath("spec")`, or further down: `FieldPath("metadata",
    /// "name")`.
    public init(_ members: String...) {
        node = members.reduce(nil) { Node(parent: $0, step: .member($1)) }
    }

    /// A named member.
    public func child(_ name: String) -> FieldPath {
        FieldPath(node: Node(parent: node, step: .member(name)))
    }

    /// An element of a list.
    public func index(_ index: Int) -> FieldPath {
        FieldPath(node: Node(parent: node, step: .index(index)))
    }

    /// An entry of a map.
    public func key(_ key: String) -> FieldPath {
        FieldPath(node: Node(parent: node, step: .key(key)))
    }

    public var isRoot: Bool { node == nil }

    private var steps: [Step] {
        var steps: [Step] = []
        var next = node
        while let node = next {
            steps.append(node.step)
            next = node.parent
        }
        return steps.reversed()
    }

    /// The path as the API prints it; the root is `<nil>`.
    public var description: String {
        guard node != nil else { return "<nil>" }
        var text = ""
        for step in steps {
            switch step {
            case .member(let name):
                if !text.isEmpty { text += "." }
                text += name
            case .index(let index): text += "[\(index)]"
            case .key(let key): text += "[\(key)]"
            }
        }
        return text
    }

    public static func == (left: FieldPath, right: FieldPath) -> Bool {
        left.node === right.node || left.steps == right.steps
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(steps) }
}

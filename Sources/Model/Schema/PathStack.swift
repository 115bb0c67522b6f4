import APIModel

/// Where a walk through a document is. Steps are cheap; a `FieldPath` is made when something is
/// wrong.
struct PathStack {
    private enum Step {
        case member(String)
        case key(String)
        case index(Int)
    }

    private let base: FieldPath
    private var steps: [Step] = []

    init(_ base: FieldPath) {
        self.base = base
        steps.reserveCapacity(24)
    }

    mutating func push(member name: String) { steps.append(.member(name)) }
    mutating func push(key: String) { steps.append(.key(key)) }
    mutating func push(index: Int) { steps.append(.index(index)) }
    mutating func pop() { steps.removeLast() }

    var path: FieldPath {
        var path = base
        for step in steps {
            switch step {
            case .member(let name): path = path.child(name)
            case .key(let key): path = path.key(key)
            case .index(let index): path = path.index(index)
            }
        }
        return path
    }
}

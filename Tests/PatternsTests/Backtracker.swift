// A matcher that tries every way, one after the other: slow, and plainly right.

@testable import Patterns

/// Says whether an expression is found in a text, by backtracking over its parts.
struct Backtracker {
    let text: [Unicode.Scalar]

    init(_ text: String) { self.text = Array(text.unicodeScalars) }

    func isFound(_ node: PatternNode) -> Bool {
        (0...text.count).contains { !ends(node, from: $0).isEmpty }
    }

    /// Every position at which a match that begins at `start` may end.
    private func ends(_ node: PatternNode, from start: Int) -> Set<Int> {
        switch node {
        case .empty: return [start]
        case .scalar(let set):
            return start < text.count && set.contains(text[start].value) ? [start + 1] : []
        case .sequence(let nodes):
            return nodes.reduce([start]) { ends, node in
                ends.reduce(into: []) { $0.formUnion(self.ends(node, from: $1)) }
            }
        case .alternatives(let branches):
            return branches.reduce(into: []) { $0.formUnion(ends($1, from: start)) }
        case .repetition(let node, let repetition):
            var reached: Set<Int> = [start]
            for _ in 0..<repetition.least { reached = step(reached, node) }
            var all = reached
            for _ in 0..<((repetition.most ?? text.count + repetition.least + 1) - repetition.least)
            {
                reached = step(reached, node)
                all.formUnion(reached)
            }
            return all
        case .assertion(let assertion): return holds(assertion, at: start) ? [start] : []
        }
    }

    private func step(_ positions: Set<Int>, _ node: PatternNode) -> Set<Int> {
        positions.reduce(into: []) { $0.formUnion(ends(node, from: $1)) }
    }

    private func holds(_ assertion: Assertion, at position: Int) -> Bool {
        func isWord(_ index: Int) -> Bool {
            text.indices.contains(index) && ScalarSet.word.contains(text[index].value)
        }
        switch assertion {
        case .textStart: return position == 0
        case .textEnd: return position == text.count
        case .lineStart: return position == 0 || text[position - 1] == "\n"
        case .lineEnd: return position == text.count || text[position] == "\n"
        case .wordBoundary: return isWord(position - 1) != isWord(position)
        case .noWordBoundary: return isWord(position - 1) == isWord(position)
        }
    }
}

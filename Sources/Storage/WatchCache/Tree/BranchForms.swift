// The compressed lists of what is below a branch, put together when first asked for.

import Buffers
import Compression
import Synchronization

/// A branch's part of a compressed list. After a change only the branches on the way to the changed
/// leaf are put together again.
final class BranchForms: Sendable {
    private struct Runs {
        /// With a comma before the first item.
        var later: DeflatedRun?
        /// Without: the branch holds the list's first item.
        var first: DeflatedRun?
    }

    private let runs = Mutex(Runs())

    /// The items below `node` as blocks.
    func run(of node: Node, isFirst: Bool, for list: LeafBudget.List) -> DeflatedRun {
        let known = runs.withLock { isFirst ? $0.first : $0.later }
        if let known { return known }
        var run = DeflatedRun(reserving: 2 * node.children.count)
        var isFirst = isFirst
        let wanted = isFirst
        for child in node.children {
            if let forms = child.forms {
                let block = forms.block(child.objects, for: list)
                run.append(isFirst ? block.first : block.later)
            } else if let forms = child.branchForms {
                run.append(forms.run(of: child, isFirst: isFirst, for: list))
            }
            isFirst = false
        }
        runs.withLock { runs in
            if wanted { runs.first = run } else { runs.later = run }
        }
        return run
    }
}

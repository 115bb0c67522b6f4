// What is below a branch in the forms that lists are made of and searched by, put together when
// first asked for.

import Buffers
import Compression
import Synchronization

/// A branch's part of a compressed list, and the columns of its leaves. After a change only the
/// branches on the way to the changed leaf are put together again.
final class BranchForms: Sendable {
    private struct Runs {
        /// With a comma before the first item.
        var later: DeflatedRun?
        /// Without: the branch holds the list's first item.
        var first: DeflatedRun?
    }

    private let runs = Mutex(Runs())
    /// Of a branch of leaves.
    private let columns = Mutex<[BranchColumn]>([])

    /// One of the values of each object below `node`, in their order.
    /// - Precondition: the children of `node`, whose forms these are, are leaves.
    func column(_ name: LeafColumn.Name, of node: Node, for list: LeafBudget.List) -> BranchColumn {
        let known = columns.withLock { $0.first { $0.name == name } }
        if let known { return known }
        let column = BranchColumn(name, of: node, for: list)
        columns.withLock { columns in
            columns.removeAll { $0.name == name }
            if columns.count == LeafColumn.countMax { columns.removeFirst() }
            columns.append(column)
        }
        return column
    }

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

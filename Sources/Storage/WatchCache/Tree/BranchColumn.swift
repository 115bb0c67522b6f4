// One label or field of all objects below a branch of leaves, side by side.

/// The columns of a branch's leaves in one run, so that a list of few among many looks at some
/// hundred objects at a time and visits those that match.
struct BranchColumn: Sendable {
    let name: LeafColumn.Name
    private let codes: ContiguousArray<UInt32>
    /// Where the part of each leaf ends.
    private let ends: ContiguousArray<Int>

    /// - Precondition: the children of `branch` are leaves.
    init(_ name: LeafColumn.Name, of branch: Node, for list: LeafBudget.List) {
        self.name = name
        var codes = ContiguousArray<UInt32>()
        codes.reserveCapacity(branch.count)
        var ends = ContiguousArray<Int>()
        ends.reserveCapacity(branch.children.count)
        for leaf in branch.children {
            guard let forms = leaf.forms else { preconditionFailure("a branch among leaves") }
            codes.append(contentsOf: forms.column(name, leaf.objects, for: list).codes)
            ends.append(codes.count)
        }
        self.codes = codes
        self.ends = ends
    }

    /// Shows the objects that have `code`, in key order, until `body` returns false.
    /// - Parameter branch: the one that the column was made of.
    /// - Returns: false when `body` did.
    func visit(_ code: UInt32, of branch: Node, _ body: (CachedObject) -> Bool) -> Bool {
        codes.withUnsafeBufferPointer { codes in
            var leaf = 0
            var start = 0
            var position = 0
            while let found = Self.next(code, in: codes, from: position) {
                while found >= ends[leaf] {
                    start = ends[leaf]
                    leaf += 1
                }
                if !body(branch.children[leaf].objects[found - start]) { return false }
                position = found + 1
            }
            return true
        }
    }

    /// How many codes are compared before the result is looked at: the compiler makes vectors of
    /// them.
    private static let blockCount = 32

    private static func next(
        _ code: UInt32, in codes: UnsafeBufferPointer<UInt32>, from start: Int
    ) -> Int? {
        guard let base = codes.baseAddress else { return nil }
        var position = start
        while position + blockCount <= codes.count {
            var isFound = false
            for index in 0..<blockCount where base[position &+ index] == code { isFound = true }
            if isFound { break }
            position += blockCount
        }
        while position < codes.count {
            if base[position] == code { return position }
            position += 1
        }
        return nil
    }
}

// One label or field of all objects of a leaf, side by side.

/// What a selector compares, reduced to 32 bits each, so that a list of few among many need not
/// visit the many. Equal values have equal codes; unequal ones nearly always have unequal codes.
struct LeafColumn: Sendable {
    enum Name: Hashable, Sendable {
        case field(Int)
        case label(Interned)
    }

    /// The columns of a leaf that are kept at once: what the usual selectors of a resource need.
    static let countMax = 4

    let name: Name
    let codes: ContiguousArray<UInt32>

    init(_ name: Name, _ objects: ContiguousArray<CachedObject>) {
        self.name = name
        switch name {
        case .field(let index):
            codes = ContiguousArray(objects.map { Self.code($0.field(index)) })
        case .label(let label):
            codes = ContiguousArray(objects.map { Self.code($0.labels.value(of: label)) })
        }
    }

    /// The column itself and what Swift adds to an array.
    var byteCount: Int { 4 * codes.count + 64 }

    static func code(_ value: some Hashable) -> UInt32 {
        UInt32(truncatingIfNeeded: value.hashValue)
    }
}

extension Filter {
    /// A column and the code that every matching object has there; `nil` when no requirement asks
    /// for one value.
    var probe: (name: LeafColumn.Name, code: UInt32)? {
        for test in fields where test.isEqual {
            if case .field(let index) = test.target {
                return (.field(index), LeafColumn.code(test.value))
            }
        }
        for case .isIn(let name, let values) in labels where values.count == 1 {
            return (.label(name), LeafColumn.code(Optional(values[0])))
        }
        return nil
    }
}

extension FieldSet {
    /// The paths that are members of one or of both.
    public func union(_ other: FieldSet) -> FieldSet {
        if isEmpty { return other }
        if other.isEmpty { return self }
        return joined(with: other) { mine, its in
            guard let mine else { return its }
            guard let its else { return mine }
            return Entry(
                mine.step, isMember: mine.isMember || its.isMember,
                below: mine.below.union(its.below))
        }
    }

    /// The paths that are members of both.
    public func intersection(_ other: FieldSet) -> FieldSet {
        if isEmpty || other.isEmpty { return FieldSet() }
        return joined(with: other) { mine, its in
            guard let mine, let its else { return nil }
            return Entry(
                mine.step, isMember: mine.isMember && its.isMember,
                below: mine.below.intersection(its.below))
        }
    }

    /// The paths that are members of this set and not of `other`. What lies below a path of `other`
    /// stays.
    public func subtracting(_ other: FieldSet) -> FieldSet {
        if isEmpty || other.isEmpty { return self }
        return joined(with: other) { mine, its in
            guard let mine else { return nil }
            guard let its else { return mine }
            return Entry(
                mine.step, isMember: mine.isMember && !its.isMember,
                below: mine.below.subtracting(its.below))
        }
    }

    /// Whether no path is a member of both.
    public func isDisjoint(with other: FieldSet) -> Bool {
        var theirs = other.entries[...]
        for mine in entries {
            while let its = theirs.first, its.step < mine.step { theirs.removeFirst() }
            guard let its = theirs.first, its.step == mine.step else { continue }
            if mine.isMember && its.isMember || !mine.below.isDisjoint(with: its.below) {
                return false
            }
        }
        return true
    }

    /// Whether every path of `other` is a member of this set.
    public func isSuperset(of other: FieldSet) -> Bool {
        other.entries.allSatisfy { its in
            guard let mine = entry(its.step) else { return false }
            return (mine.isMember || !its.isMember) && mine.below.isSuperset(of: its.below)
        }
    }

    /// Walks through both in order; `join` gets the entries of one step, one of them perhaps `nil`.
    private func joined(
        with other: FieldSet, _ join: (Entry?, Entry?) -> Entry?
    ) -> FieldSet {
        var result: [Entry] = []
        result.reserveCapacity(max(entries.count, other.entries.count))
        func keep(_ entry: Entry?) {
            if let entry, !entry.isEmpty { result.append(entry) }
        }
        var theirs = other.entries[...]
        for mine in entries {
            while let its = theirs.first, its.step < mine.step {
                keep(join(nil, its))
                theirs.removeFirst()
            }
            if let its = theirs.first, its.step == mine.step {
                keep(join(mine, its))
                theirs.removeFirst()
            } else {
                keep(join(mine, nil))
            }
        }
        for its in theirs { keep(join(nil, its)) }
        return FieldSet(sorted: result)
    }
}

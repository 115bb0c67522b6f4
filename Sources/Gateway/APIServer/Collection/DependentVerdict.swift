import APIModel

/// What is to become of an object that names owners. Decided from what its owners are; reads
/// nothing.
enum DependentVerdict: Equatable {
    case stays
    /// It stays with an owner that is there, and names the others no more.
    case forgets(Set<String>)
    case goes(DeleteOptions.Propagation)

    /// How an owner is, as one of its dependents sees it.
    enum OwnerState: Equatable {
        /// There, or not to be judged.
        case present
        case absent
        /// Deleted, and held until this dependent has gone.
        case waiting
    }

    /// - Parameters:
    ///   - states: of each owner, by its uid.
    ///   - finalizers: the object's own: they say what becomes of its dependents.
    ///   - hasDependents: whether something depends on the object in turn.
    init(_ states: [String: OwnerState], finalizers: [String], hasDependents: Bool) {
        let lost = states.filter { $0.value != .present }
        guard !lost.isEmpty else {
            self = .stays
            return
        }
        guard lost.count == states.count else {
            self = .forgets(Set(lost.keys))
            return
        }
        if hasDependents, lost.values.contains(.waiting) {
            self = .goes(.foreground)
            return
        }
        switch finalizers.lazy.compactMap(DependentFinalizer.init).first {
        case .orphan?: self = .goes(.orphan)
        case .foreground?: self = .goes(.foreground)
        case nil: self = .goes(.background)
        }
    }
}

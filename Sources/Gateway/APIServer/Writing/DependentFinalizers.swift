// What becomes of an object's dependents: written into its finalizers, which whoever sees to them
// takes off again.

import APIModel
import JSON
import Resources

/// The finalizers that hold a deleted object until its dependents have been dealt with (Kubernetes
/// API conventions, garbage collection).
enum DependentFinalizer: String, CaseIterable {
    /// Its dependents are to be told that they have no owner any more.
    case orphan
    /// Its dependents go first.
    case foreground = "foregroundDeletion"
}

extension DependentFinalizer {
    /// The one that a deletion asks for; `nil` when dependents are to follow in the background.
    /// - Parameter present: what the object has already, from its author or an earlier deletion; it
    ///   counts when the options leave the question open.
    fileprivate static func wanted(
        _ options: DeleteOptions, present: [String], orphansByDefault: Bool
    ) -> DependentFinalizer? {
        if let orphans = options.orphanDependents { return orphans ? .orphan : nil }
        switch options.propagation {
        case .orphan?: return .orphan
        case .foreground?: return .foreground
        case .background?: return nil
        case nil:
            if let kept = present.lazy.compactMap(DependentFinalizer.init).first { return kept }
            return orphansByDefault ? .orphan : nil
        }
    }
}

extension JSONValue {
    /// This object with the finalizers that its deletion gives it.
    func awaiting(_ options: DeleteOptions, _ strategy: any Strategy) -> JSONValue {
        let present = ObjectMeta(of: self).finalizers
        let wanted = DependentFinalizer.wanted(
            options, present: present, orphansByDefault: strategy.orphansDependents)
        var finalizers = present.filter { name in
            DependentFinalizer(rawValue: name).map { $0 == wanted } ?? true
        }
        if let wanted, !finalizers.contains(wanted.rawValue) { finalizers.append(wanted.rawValue) }
        guard finalizers != present else { return self }
        var object = self
        object.setMetadata(
            "finalizers", finalizers.isEmpty ? nil : .array(finalizers.map { .string($0) }))
        return object
    }
}

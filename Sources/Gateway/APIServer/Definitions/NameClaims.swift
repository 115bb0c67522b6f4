// Which names a definition may have: those that nothing else of its group has.

import APIModel
import JSON
import Resources
import Schema

/// The names in one group that are taken by others than one definition.
struct NameClaims {
    private var resources: Set<String> = []
    private var kinds: Set<String> = []

    mutating func take(_ definition: ResourceDefinition) {
        resources.formUnion([definition.plural, definition.singular] + definition.shortNames)
        kinds.formUnion([definition.kind, definition.listKind])
    }

    mutating func take(_ names: CustomDefinition.Names) {
        resources.formUnion([names.plural, names.singular] + names.shortNames)
        kinds.formUnion([names.kind, names.listKind])
        resources.remove("")
        kinds.remove("")
    }

    /// The names that a definition gets, and why not all those that it wants.
    func accept(_ definition: CustomDefinition) -> AcceptedNames {
        let (wanted, had) = (definition.names, definition.acceptedNames)
        var result = AcceptedNames(names: had)
        func settle(
            _ reason: String, _ conflicts: [String],
            _ accept: (inout CustomDefinition.Names) -> Void
        ) {
            guard let name = conflicts.first else { return accept(&result.names) }
            if result.conflict == nil {
                result.conflict = (reason, "\(name.quoted) is already in use")
            }
        }
        settle("PluralConflict", taken([wanted.plural])) { $0.plural = wanted.plural }
        settle("SingularConflict", taken([wanted.singular])) { $0.singular = wanted.singular }
        settle("ShortNamesConflict", taken(wanted.shortNames)) {
            $0.shortNames = wanted.shortNames
        }
        settle("KindConflict", takenKinds([wanted.kind])) { $0.kind = wanted.kind }
        settle("ListKindConflict", takenKinds([wanted.listKind])) { $0.listKind = wanted.listKind }
        result.names.categories = wanted.categories
        return result
    }

    private func taken(_ names: [String]) -> [String] { names.filter(resources.contains) }
    private func takenKinds(_ names: [String]) -> [String] { names.filter(kinds.contains) }
}

/// What became of the names that a definition wants.
struct AcceptedNames {
    var names: CustomDefinition.Names
    /// `nil` when it has them all.
    var conflict: (reason: String, message: String)?
}

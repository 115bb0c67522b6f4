// CustomResourceDefinitions: what the server fills in, and how they end.

import APIModel
import JSON
import Schema

struct DefinitionStrategy: Strategy {
    /// The built-in kinds, whose schema of metadata custom resources share.
    let registry: SchemaRegistry

    func applyDefaults(to object: inout JSONValue) {
        object.change("spec") { spec in
            spec.fill("conversion", ["strategy": "None"])
            spec.change("names") { names in
                let kind = names.text("kind")
                if names.text("singular").isEmpty, !kind.isEmpty {
                    names.put("singular", .string(kind.lowercased()))
                }
                if names.text("listKind").isEmpty, !kind.isEmpty {
                    names.put("listKind", .string(kind + "List"))
                }
            }
            spec.change("conversion") { conversion in
                conversion.change("webhook") { webhook in
                    webhook.change("clientConfig") { config in
                        config.change("service") { $0.fill("port", 443) }
                    }
                }
            }
        }
    }

    func prepareForCreate(_ object: inout JSONValue, _ context: StrategyContext) {
        let storage = CustomDefinition(object).storageVersion?.name
        object.put(
            "status",
            [
                "acceptedNames": ["plural": "", "kind": ""], "conditions": [],
                "storedVersions": .strings(storage.map { [$0] } ?? []),
            ])
    }

    /// A version in which objects are stored from now on joins those in which they may be stored.
    func prepareForUpdate(
        _ object: inout JSONValue, from old: JSONValue, _ context: StrategyContext
    ) {
        guard let storage = CustomDefinition(object).storageVersion?.name else { return }
        object.changeOrAdd("status") { status in
            let stored = status.list("storedVersions")
            guard !stored.contains(.string(storage)) else { return }
            status.put("storedVersions", .array(stored + [.string(storage)]))
        }
    }

    func validate(_ object: JSONValue) -> [FieldError] {
        DefinitionRules(CustomDefinition(object), registry).errors
    }

    func validateUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError] {
        let (definition, before) = (CustomDefinition(object), CustomDefinition(old))
        var errors = storedVersionErrors(definition)
        guard before.isEstablished else { return errors }
        let path = FieldPath("spec", "names")
        for member in ["plural", "kind"] {
            let present = definition.object[path: "spec", "names", member]
            if present != before.object[path: "spec", "names", member] {
                errors.append(.invalid(path.child(member), present, "field is immutable"))
            }
        }
        return errors
    }

    func validateStatusUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError] {
        storedVersionErrors(CustomDefinition(object))
    }

    /// Objects in a version that the definition does not know any more could not be read.
    private func storedVersionErrors(_ definition: CustomDefinition) -> [FieldError] {
        let path = FieldPath("status", "storedVersions")
        let stored = definition.storedVersions
        let names = definition.versions.map(\.name)
        var errors: [FieldError] = []
        for (index, version) in stored.enumerated() where !names.contains(version) {
            errors.append(
                .invalid(path.index(index), .string(version), "must appear in spec.versions"))
        }
        if let storage = definition.storageVersion?.name, !stored.contains(storage) {
            errors.append(
                .invalid(
                    path, .strings(stored), "must have the storage version \(storage)"))
        }
        return errors
    }

    // MARK: Ending

    /// Its objects have to go first.
    func mayEnd(_ object: JSONValue) -> Bool { ObjectMeta(of: object).isBeingDeleted }

    func prepareForDeletion(_ object: inout JSONValue) {
        object.change("metadata") { metadata in
            metadata.put("deletionGracePeriodSeconds", nil)
            let finalizers = metadata.list("finalizers")
            let cleanup = JSONValue.string(CustomDefinition.cleanupFinalizer)
            guard !finalizers.contains(cleanup) else { return }
            metadata.put("finalizers", .array(finalizers + [cleanup]))
        }
    }
}

// Namespaces: their finalizers, phases, and the label that carries their name.

import APIModel
import JSON

/// A namespace has finalizers of its own in `spec`, which leave it only through the `finalize`
/// subresource, when everything in it is gone.
struct NamespaceStrategy: Strategy {
    /// Namespaces without which the cluster does not work.
    static let lasting: Set<String> = ["default", "kube-system", "kube-public"]
    static let nameLabel = "kubernetes.io/metadata.name"
    static let finalizer: JSONValue = "kubernetes"

    func applyDefaults(to object: inout JSONValue) { label(&object) }

    func prepareForCreate(_ object: inout JSONValue, _ context: StrategyContext) {
        label(&object)
        object.changeOrAdd("spec") { spec in
            let finalizers = spec.list("finalizers")
            if !finalizers.contains(Self.finalizer) {
                spec.put("finalizers", .array(finalizers + [Self.finalizer]))
            }
        }
        object.put("status", ["phase": "Active"])
    }

    func prepareForUpdate(
        _ object: inout JSONValue, from old: JSONValue, _ context: StrategyContext
    ) {
        label(&object)
        object.changeOrAdd("spec") { $0.put("finalizers", old["spec"]?["finalizers"]) }
    }

    func validateStatusUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError] {
        let phase = object["status"]?.text("phase") ?? ""
        let isBeingDeleted = ObjectMeta(of: object).isBeingDeleted
        if phase == (isBeingDeleted ? "Terminating" : "Active") { return [] }
        let message =
            isBeingDeleted
            ? "may only be 'Terminating' if `deletionTimestamp` is not empty"
            : "may only be 'Active' if `deletionTimestamp` is empty"
        return [.invalid(FieldPath("status", "phase"), .string(phase), message)]
    }

    func mayEnd(_ object: JSONValue) -> Bool { !(object["spec"]?.isFilled("finalizers") ?? false) }

    func prepareForDeletion(_ object: inout JSONValue) {
        // A namespace ends when it is empty, however long that takes.
        object.change("metadata") { $0.put("deletionGracePeriodSeconds", nil) }
        object.changeOrAdd("status") { $0.put("phase", "Terminating") }
    }

    func refusalToDelete(_ object: JSONValue) -> String? {
        Self.lasting.contains(ObjectMeta(of: object).name)
            ? "this namespace may not be deleted" : nil
    }

    private func label(_ object: inout JSONValue) {
        let name = ObjectMeta(of: object).name
        guard !name.isEmpty else { return }
        object.change("metadata") { metadata in
            metadata.changeOrAdd("labels") { $0.put(Self.nameLabel, .string(name)) }
        }
    }
}

// What metadata must be for an object to be created or updated.

import JSON

/// The rules for `metadata`, as the API conventions have them.
public struct ObjectMetaRules: Sendable {
    public var nameFormat: ValueFormat
    public var isNamespaced: Bool
    private let path = FieldPath("metadata")

    public init(nameFormat: ValueFormat, isNamespaced: Bool) {
        self.nameFormat = nameFormat
        self.isNamespaced = isNamespaced
    }

    /// Checks the metadata of a new object, after its name was generated where that was asked for.
    public func errorsForCreate(_ meta: ObjectMeta) -> [FieldError] {
        var errors: [FieldError] = []
        if !meta.generateName.isEmpty {
            errors += check(
                nameFormat, Self.maskingTrailingHyphen(meta.generateName),
                shown: meta.generateName, at: path.child("generateName"))
        }
        if meta.name.isEmpty {
            errors.append(.required(path.child("name"), "name or generateName is required"))
        } else {
            errors += check(nameFormat, meta.name, shown: meta.name, at: path.child("name"))
        }
        errors += namespaceErrors(meta)
        if meta.generation < 0 {
            errors.append(
                .invalid(
                    path.child("generation"), meta.members["generation"],
                    "must be greater than or equal to 0"))
        }
        return errors + commonErrors(meta) + finalizerErrors(meta)
    }

    /// Checks the metadata of an object that takes the place of `old`. The caller fills in
    /// beforehand what a client may leave out: uid, creationTimestamp, the deletion's members, and,
    /// for kinds that allow an unconditional update, the resourceVersion.
    public func errorsForUpdate(_ meta: ObjectMeta, from old: ObjectMeta) -> [FieldError] {
        var errors: [FieldError] = []
        if old.isBeingDeleted { errors += newFinalizerErrors(meta, old) }
        if meta.resourceVersion.isEmpty {
            errors.append(Self.resourceVersionRequired)
        }
        if meta.generation < old.generation {
            errors.append(
                .invalid(
                    path.child("generation"), meta.members["generation"], "must not be decremented")
            )
        }
        for member in Self.immutable where !Self.same(meta.members[member], old.members[member]) {
            errors.append(
                .invalid(path.child(member), meta.members[member] ?? .null, "field is immutable"))
        }
        return errors + commonErrors(meta) + finalizerErrors(meta)
    }

    /// What an update without a resourceVersion is answered where one is needed.
    public static var resourceVersionRequired: FieldError {
        var error = FieldError.invalid(
            FieldPath("metadata", "resourceVersion"), "", "must be specified for an update")
        // The API prints the number that the empty text stands for.
        error.shownValue = "0x0"
        return error
    }

    private static let immutable = [
        "name", "namespace", "uid", "creationTimestamp", "deletionTimestamp",
        "deletionGracePeriodSeconds",
    ]

    /// A member that is null, empty text, or not there is the same.
    private static func same(_ left: JSONValue?, _ right: JSONValue?) -> Bool {
        func present(_ value: JSONValue?) -> JSONValue? {
            guard let value, !value.isNull, value != .string("") else { return nil }
            return value
        }
        let (left, right) = (present(left), present(right))
        if left == right { return true }
        guard let first = left?.string.flatMap(Timestamp.init),
            let second = right?.string.flatMap(Timestamp.init)
        else { return false }
        return first == second
    }

    private func check(
        _ format: ValueFormat, _ value: String, shown: String, at path: FieldPath
    ) -> [FieldError] {
        format.check(value).map { .invalid(path, .string(shown), $0) }
    }

    /// A base may end with a hyphen, since characters follow.
    private static func maskingTrailingHyphen(_ base: String) -> String {
        base.utf8.count > 1 && base.hasSuffix("-") ? base.dropLast(2) + "a" : base
    }

    private func namespaceErrors(_ meta: ObjectMeta) -> [FieldError] {
        let path = path.child("namespace")
        if !isNamespaced {
            return meta.namespace.isEmpty ? [] : [.forbidden(path, "not allowed on this type")]
        }
        if meta.namespace.isEmpty { return [.required(path)] }
        return check(.dns1123Label, meta.namespace, shown: meta.namespace, at: path)
    }

    /// The first namespace of an object that is neither its own nor the path's: 400.
    /// - Throws: `badRequest` when the object names another namespace than the request.
    public static func checkNamespace(
        _ meta: ObjectMeta, ofRequest namespace: String
    ) throws(APIStatus) {
        guard meta.namespace.isEmpty || meta.namespace == namespace else {
            throw .badRequest(
                """
                the namespace of the provided object does not match the namespace sent on the \
                request
                """
            )
        }
    }

    /// - Throws: `badRequest` when the object names another name than the request.
    public static func checkName(_ meta: ObjectMeta, ofRequest name: String) throws(APIStatus) {
        guard meta.name.isEmpty || meta.name == name else {
            throw .badRequest(
                "the name of the object (\(meta.name)) does not match the name on the URL (\(name))"
            )
        }
    }
}

extension ObjectMetaRules {
    private func commonErrors(_ meta: ObjectMeta) -> [FieldError] {
        Self.labelErrors(meta.labels, path.child("labels")) + annotationErrors(meta)
            + ownerErrors(meta)
    }

    /// Errors of a map of labels.
    public static func labelErrors(
        _ labels: [(key: String, value: String)], _ path: FieldPath
    ) -> [FieldError] {
        labels.flatMap { label in
            ValueFormat.qualifiedName.check(label.key).map {
                FieldError.invalid(path, .string(label.key), $0)
            }
                + ValueFormat.labelValue.check(label.value).map {
                    FieldError.invalid(path, .string(label.value), $0)
                }
        }
    }

    private func annotationErrors(_ meta: ObjectMeta) -> [FieldError] {
        let path = path.child("annotations")
        var errors: [FieldError] = []
        var byteCount = 0
        for (key, value) in meta.annotations {
            // Keys of annotations may have capitals also in their prefix.
            errors += check(.qualifiedName, key.lowercased(), shown: key, at: path)
            byteCount += key.utf8.count + value.utf8.count
        }
        if byteCount > Limits.annotationsByteCountMax {
            errors.append(.tooLong(path, byteCountMax: Limits.annotationsByteCountMax))
        }
        return errors
    }

    private func ownerErrors(_ meta: ObjectMeta) -> [FieldError] {
        let path = path.child("ownerReferences")
        var errors: [FieldError] = []
        var controller: String?
        for owner in meta.ownerReferences {
            errors += ownerErrors(owner, path)
            guard owner.isController else { continue }
            let name = "\(owner.kind)/\(owner.name)"
            if let controller {
                errors.append(
                    .invalid(
                        path, meta.members["ownerReferences"],
                        "Only one reference can have Controller set to true. Found \"true\" in "
                            + "references for \(controller) and \(name)"))
            } else {
                controller = name
            }
        }
        return errors
    }

    private func ownerErrors(_ owner: OwnerReference, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        if GroupVersion(owner.apiVersion) == nil {
            errors.append(
                .invalid(
                    path.child("apiVersion"), .string(owner.apiVersion), "version must not be empty"
                ))
        }
        for (member, value) in [("kind", owner.kind), ("name", owner.name), ("uid", owner.uid)]
        where value.isEmpty {
            errors.append(.invalid(path.child(member), "", "must not be empty"))
        }
        if owner.apiVersion == "v1", owner.kind == "Event" {
            errors.append(
                .invalid(
                    path, .string("Event/\(owner.name)"),
                    "/v1, Kind=Event is disallowed from being an owner"))
        }
        return errors
    }

    private func finalizerErrors(_ meta: ObjectMeta) -> [FieldError] {
        let path = path.child("finalizers")
        let finalizers = meta.finalizers
        var errors = finalizers.flatMap { check(.qualifiedName, $0, shown: $0, at: path) }
        if finalizers.contains("orphan"), finalizers.contains("foregroundDeletion") {
            errors.append(
                .invalid(
                    path, meta.members["finalizers"],
                    "finalizer orphan and foregroundDeletion cannot be both set"))
        }
        return errors
    }

    private func newFinalizerErrors(_ meta: ObjectMeta, _ old: ObjectMeta) -> [FieldError] {
        let added = Set(meta.finalizers).subtracting(old.finalizers).sorted()
        guard !added.isEmpty else { return [] }
        let names = added.map(\.quoted).joined(separator: ", ")
        return [
            .forbidden(
                path.child("finalizers"),
                "no new finalizers can be added if the object is being deleted, found "
                    + "new finalizers "
                    + "[]string{\(names)}")
        ]
    }
}

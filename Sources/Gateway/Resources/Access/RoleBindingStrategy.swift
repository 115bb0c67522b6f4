// Role bindings and cluster role bindings: who may do what a role allows.

import APIModel
import JSON

struct RoleBindingStrategy: Strategy {
    let scope: RoleScope

    var createsOnUpdate: Bool { true }

    func applyDefaults(to object: inout JSONValue) {
        object.changeEach("subjects") { subject in
            guard ["User", "Group"].contains(subject.text("kind")) else { return }
            if subject.text("apiGroup").isEmpty {
                subject.put("apiGroup", .string(RoleRules.group))
            }
        }
    }

    func validate(_ object: JSONValue) -> [FieldError] {
        let path = FieldPath("subjects")
        let errors = object.list("subjects").enumerated().flatMap { index, subject in
            subjectErrors(subject, at: path.index(index))
        }
        return referenceErrors(object["roleRef"] ?? .null) + errors
    }

    func validateUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError] {
        guard object["roleRef"] != old["roleRef"] else { return [] }
        return [.invalid(FieldPath("roleRef"), object["roleRef"], "cannot change roleRef")]
    }

    private func referenceErrors(_ reference: JSONValue) -> [FieldError] {
        let path = FieldPath("roleRef")
        var errors: [FieldError] = []
        if reference.text("apiGroup") != RoleRules.group {
            errors.append(
                .notSupported(
                    path.child("apiGroup"), reference["apiGroup"], supported: [RoleRules.group]))
        }
        let kinds = scope == .cluster ? ["ClusterRole"] : ["Role", "ClusterRole"]
        if !kinds.contains(reference.text("kind")) {
            errors.append(
                .notSupported(path.child("kind"), reference["kind"], supported: kinds))
        }
        let name = reference.text("name")
        guard !name.isEmpty else { return errors + [.required(path.child("name"))] }
        return errors
            + ValueFormat.pathSegmentName.check(name).map {
                .invalid(path.child("name"), .string(name), $0)
            }
    }

    private func subjectErrors(_ subject: JSONValue, at path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        let name = subject.text("name")
        if name.isEmpty { errors.append(.required(path.child("name"))) }
        switch subject.text("kind") {
        case "ServiceAccount":
            if !name.isEmpty {
                errors += ValueFormat.dns1123Subdomain.check(name).map {
                    .invalid(path.child("name"), .string(name), $0)
                }
            }
            errors += groupErrors(subject, expected: "", at: path)
            if scope == .cluster, subject.text("namespace").isEmpty {
                errors.append(.required(path.child("namespace")))
            }
        case "User", "Group": errors += groupErrors(subject, expected: RoleRules.group, at: path)
        default:
            errors.append(
                .notSupported(
                    path.child("kind"), subject["kind"],
                    supported: ["ServiceAccount", "User", "Group"]))
        }
        return errors
    }

    private func groupErrors(
        _ subject: JSONValue, expected: String, at path: FieldPath
    ) -> [FieldError] {
        let group = subject.text("apiGroup")
        guard group != expected else { return [] }
        return [
            .notSupported(path.child("apiGroup"), .string(group), supported: [expected])
        ]
    }

    // MARK: Cells

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        switch name {
        case "roleReference":
            let reference = object["roleRef"] ?? .null
            return .string("\(reference.text("kind"))/\(reference.text("name"))")
        case "boundUsers": return names(of: "User", in: object)
        case "boundGroups": return names(of: "Group", in: object)
        case "boundServiceAccounts": return names(of: "ServiceAccount", in: object)
        default: return nil
        }
    }

    private func names(of kind: String, in object: JSONValue) -> JSONValue {
        let names = object.list("subjects").filter { $0.text("kind") == kind }.map { subject in
            kind == "ServiceAccount"
                ? "\(subject.text("namespace"))/\(subject.text("name"))" : subject.text("name")
        }
        return .string(names.joined(separator: ", "))
    }
}

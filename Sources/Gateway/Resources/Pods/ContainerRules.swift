// What makes a container invalid beyond its schema.

import APIModel
import JSON

struct ContainerRules {
    enum Kind { case main, initial }

    /// What a container's rules need to know of its pod.
    struct Surroundings {
        let volumes: PodVolumes
        let isOnHostNetwork: Bool
    }

    let container: JSONValue
    let path: FieldPath
    let kind: Kind
    let surroundings: Surroundings

    /// An initial container that goes on running beside the main ones.
    private var isSidecar: Bool {
        kind == .initial && container.text("restartPolicy") == "Always"
    }

    var errors: [FieldError] {
        var errors = imageErrors + restartErrors
        errors += portErrors
        errors += EnvironmentRules.errors(container, path)
        errors += mountErrors + lifeErrors
        if let resources = container["resources"] {
            errors += ResourceRules(resources: resources, path: path.child("resources")).errors
        }
        return errors
    }

    private var imageErrors: [FieldError] {
        let path = path.child("image")
        guard let image = container["image"], !image.isNull else { return [.required(path)] }
        let text = image.string ?? ""
        let hasSpace = text.first?.isWhitespace == true || text.last?.isWhitespace == true
        return hasSpace
            ? [.invalid(path, image, "must not have leading or trailing whitespace")] : []
    }

    private var restartErrors: [FieldError] {
        guard let policy = container["restartPolicy"], !policy.isNull else { return [] }
        let path = path.child("restartPolicy")
        switch kind {
        case .main: return [.forbidden(path, "may not be set for non-init containers")]
        case .initial:
            return policy == "Always" ? [] : [.notSupported(path, policy, supported: ["Always"])]
        }
    }

    private var portErrors: [FieldError] {
        var names: Set<String> = []
        var errors: [FieldError] = []
        for (index, port) in container.list("ports").enumerated() {
            let path = path.child("ports").index(index)
            let name = port.text("name")
            if !name.isEmpty, !names.insert(name).inserted {
                errors.append(.duplicate(path.child("name"), .string(name)))
            }
            if surroundings.isOnHostNetwork, let hostPort = port["hostPort"],
                hostPort != port["containerPort"]
            {
                errors.append(
                    .invalid(
                        path.child("hostPort"), hostPort,
                        "must match `containerPort` when `hostNetwork` is true"))
            }
        }
        return errors
    }

    private var mountErrors: [FieldError] {
        let mounts = container.list("volumeMounts").enumerated().flatMap { index, mount in
            errors(inMount: mount, path.child("volumeMounts").index(index))
        }
        let devices = container.list("volumeDevices").enumerated().flatMap { index, device in
            missingVolume(device, path.child("volumeDevices").index(index))
        }
        return mounts + devices
    }

    private func missingVolume(_ mount: JSONValue, _ path: FieldPath) -> [FieldError] {
        guard let name = mount["name"]?.string, !name.isEmpty,
            !surroundings.volumes.names.contains(name)
        else { return [] }
        return [.notFound(path.child("name"), .string(name))]
    }

    private func errors(inMount mount: JSONValue, _ path: FieldPath) -> [FieldError] {
        var errors = missingVolume(mount, path)
        let (subPath, expression) = (mount.text("subPath"), mount.text("subPathExpr"))
        for (member, text) in [("subPath", subPath), ("subPathExpr", expression)] {
            if text.hasPrefix("/") {
                errors.append(
                    .invalid(path.child(member), .string(text), "must be a relative path"))
            }
            if RelativePath.stepsBack(text) {
                errors.append(.invalid(path.child(member), .string(text), "must not contain '..'"))
            }
        }
        if !subPath.isEmpty, !expression.isEmpty {
            errors.append(
                .invalid(
                    path.child("subPathExpr"), .string(expression),
                    "subPathExpr and subPath are mutually exclusive"))
        }
        return errors
    }

    private var lifeErrors: [FieldError] {
        let members = ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"]
        if kind == .initial, !isSidecar {
            return members.filter(container.has).map {
                .forbidden(
                    path.child($0),
                    "may not be set for init containers without restartPolicy=Always")
            }
        }
        var errors = ["postStart", "preStop"].flatMap { hook in
            HandlerRules.errors(
                container[path: "lifecycle", hook], path.child("lifecycle").child(hook))
        }
        for probe in members.dropFirst() {
            errors += ProbeRules.errors(container[probe], path.child(probe), probe)
        }
        return errors
    }
}

enum EnvironmentRules {
    private static let sources = [
        "fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef",
    ]

    static func errors(_ container: JSONValue, _ path: FieldPath) -> [FieldError] {
        let variables = container.list("env").enumerated().flatMap { index, variable in
            errors(inVariable: variable, path.child("env").index(index).child("valueFrom"))
        }
        let bundles = container.list("envFrom").enumerated().flatMap { index, source in
            errors(inBundle: source, path.child("envFrom").index(index))
        }
        return variables + bundles
    }

    private static func errors(inVariable variable: JSONValue, _ path: FieldPath) -> [FieldError] {
        guard let from = variable["valueFrom"], !from.isNull else { return [] }
        if variable.isFilled("value") {
            return [.invalid(path, "", "may not be specified when `value` is not empty")]
        }
        switch OneOf.present(from, sources).count {
        case 0:
            return [
                .invalid(
                    path, "",
                    "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or "
                        + "`secretKeyRef`")
            ]
        case 1: return []
        default: return [.invalid(path, "", "may not have more than one field specified at a time")]
        }
    }

    private static func errors(inBundle source: JSONValue, _ path: FieldPath) -> [FieldError] {
        switch OneOf.present(source, ["configMapRef", "secretRef"]).count {
        case 0: [.invalid(path, "", "must specify one of: `configMapRef` or `secretRef`")]
        case 1: []
        default: [.invalid(path, "", "may not have more than one field specified at a time")]
        }
    }
}

// What a pod refers to: what its node needs to read to run it.

import APIModel
import JSON

/// An object that pods refer to.
struct ReferredObject: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case secret, configMap, claim, serviceAccount
    }

    let kind: Kind
    let namespace: String
    let name: String
}

/// Collects what a pod refers to by name.
struct PodReferences {
    private(set) var objects: Set<ReferredObject> = []
    private let namespace: String

    /// - Parameter pod: with metadata and spec.
    init(_ pod: JSONValue, in namespace: String) {
        self.namespace = namespace
        // A node brings mirror pods itself: what they name gives it nothing.
        let mirror = "kubernetes.io/config.mirror"
        guard ObjectMeta(of: pod).annotation(mirror) == nil else { return }
        let spec = pod["spec"] ?? .null
        add(.serviceAccount, spec["serviceAccountName"])
        for secret in spec.list("imagePullSecrets") { add(.secret, secret["name"]) }
        for member in ["initContainers", "containers", "ephemeralContainers"] {
            for container in spec.list(member) { addEnvironment(of: container) }
        }
        let podName = ObjectMeta(of: pod).name
        for volume in spec.list("volumes") { addVolume(volume, podName) }
    }

    private mutating func add(_ kind: ReferredObject.Kind, _ name: JSONValue?) {
        guard let name = name?.string, !name.isEmpty else { return }
        objects.insert(ReferredObject(kind: kind, namespace: namespace, name: name))
    }

    private mutating func addEnvironment(of container: JSONValue) {
        for variable in container.list("env") {
            add(.secret, variable[path: "valueFrom", "secretKeyRef", "name"])
            add(.configMap, variable[path: "valueFrom", "configMapKeyRef", "name"])
        }
        for source in container.list("envFrom") {
            add(.secret, source[path: "secretRef", "name"])
            add(.configMap, source[path: "configMapRef", "name"])
        }
    }

    private mutating func addVolume(_ volume: JSONValue, _ podName: String) {
        add(.secret, volume[path: "secret", "secretName"])
        add(.configMap, volume[path: "configMap", "name"])
        add(.claim, volume[path: "persistentVolumeClaim", "claimName"])
        if volume["ephemeral"] != nil, let name = volume["name"]?.string {
            add(.claim, .string("\(podName)-\(name)"))
        }
        for source in volume["projected"]?.list("sources") ?? [] {
            add(.secret, source[path: "secret", "name"])
            add(.configMap, source[path: "configMap", "name"])
        }
        add(.secret, volume[path: "azureFile", "secretName"])
        add(.secret, volume[path: "csi", "nodePublishSecretRef", "name"])
        for kind in ["cephfs", "flexVolume", "iscsi", "rbd", "scaleIO", "storageos"] {
            add(.secret, volume[path: kind, "secretRef", "name"])
        }
    }
}

extension JSONValue {
    fileprivate func list(_ member: String) -> [JSONValue] { self[member]?.array ?? [] }
}

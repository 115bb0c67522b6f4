// Each pod acts for a service account, and finds its token in its files.

import APIModel
import Access
import JSON
import Resources
import WatchCache

/// Kubernetes' `ServiceAccount`: gives a pod the account `default` when it names none, and mounts
/// the account's token, the authority and the namespace where clients look for them.
struct ServiceAccountAssignment: CachedPlugin {
    static let name = "ServiceAccount"
    static let resources: Set<GroupResource> = [.pods]

    private let accounts: CachedKind

    init(_ cache: Cache) { accounts = CachedKind("core/serviceaccounts", cache) }

    func admit(_ write: inout ProposedWrite) throws(APIStatus) {
        guard write.isCreation, !Self.isMirror(write.object) else { return }
        let named = write.spec.text("serviceAccountName")
        let name = named.isEmpty ? Self.defaultName : named
        guard let account = accounts.object(name, in: write.namespace) else {
            throw write.refused(
                "error looking up service account \(write.namespace)/\(name): "
                    + "serviceaccount \(name.quoted) not found")
        }
        let isMounting =
            (write.spec["automountServiceAccountToken"]?.bool
                ?? account["automountServiceAccountToken"]?.bool) ?? true
        write.object.change("spec") { spec in
            spec.put("serviceAccountName", .string(name))
            spec.put("serviceAccount", .string(name))
            if isMounting { TokenMount.add(to: &spec) }
            if !spec.isFilled("imagePullSecrets"), account.isFilled("imagePullSecrets") {
                spec.put("imagePullSecrets", account["imagePullSecrets"])
            }
        }
    }

    /// Mirrors of what a node runs by itself act for the node.
    func validate(_ write: ProposedWrite) throws(APIStatus) {
        guard write.isCreation, Self.isMirror(write.object),
            !write.spec.text("serviceAccountName").isEmpty
        else { return }
        throw write.refused("a mirror pod may not reference service accounts")
    }

    private static func isMirror(_ pod: JSONValue) -> Bool {
        ObjectMeta(of: pod).annotation("kubernetes.io/config.mirror") != nil
    }

    private static let defaultName = "default"
}

/// The volume with what a client in a pod needs, and where it is mounted.
private enum TokenMount {
    static let path = "/var/run/secrets/kubernetes.io/serviceaccount"
    static let volumePrefix = "kube-api-access-"

    /// Containers that have something there already are left as they are.
    static func add(to spec: inout JSONValue) {
        let present = spec.list("volumes").map { $0.text("name") }
            .first { $0.hasPrefix(volumePrefix) }
        let volume = present ?? GeneratedName.make(base: volumePrefix)
        var isUsed = false
        for list in ["initContainers", "containers"] {
            spec.changeEach(list) { container in
                var mounts = container.list("volumeMounts")
                guard !mounts.contains(where: { $0.text("mountPath") == path }) else { return }
                mounts.append([
                    "name": .string(volume), "readOnly": true, "mountPath": .string(path),
                ])
                container.put("volumeMounts", .array(mounts))
                isUsed = true
            }
        }
        guard isUsed, present == nil else { return }
        let added: JSONValue = ["name": .string(volume), "projected": sources]
        spec.put("volumes", .array(spec.list("volumes") + [added]))
    }

    private static let sources: JSONValue = [
        "sources": [
            [
                "serviceAccountToken": [
                    "expirationSeconds": .int(Limits.mountedTokenSeconds), "path": "token",
                ]
            ],
            [
                "configMap": [
                    "name": "kube-root-ca.crt", "items": [["key": "ca.crt", "path": "ca.crt"]],
                ]
            ],
            [
                "downwardAPI": [
                    "items": [
                        [
                            "path": "namespace",
                            "fieldRef": [
                                "apiVersion": "v1", "fieldPath": "metadata.namespace",
                            ],
                        ]
                    ]
                ]
            ],
        ],
        "defaultMode": .int(Limits.mountedFileMode),
    ]
}

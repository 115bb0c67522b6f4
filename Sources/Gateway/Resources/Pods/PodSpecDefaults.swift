// Defaults of a pod's spec that depend on other members.

import APIModel
import JSON

/// Defaults for pods and for the templates of pods.
enum PodSpecDefaults {
    static let containerLists = ["initContainers", "containers", "ephemeralContainers"]

    /// What a pod and a template of pods have in common.
    static func apply(toSpec spec: inout JSONValue) {
        for list in containerLists {
            spec.changeEach(list) { container in
                let image = container.text("image")
                container.fill("imagePullPolicy", .string(pullPolicy(of: image)))
            }
        }
        spec.changeEach("volumes") { volume in
            if PodVolumes.sources(of: volume).isEmpty { volume.put("emptyDir", [:]) }
        }
        // Two names of one member, the older one kept in step.
        if spec.isFilled("serviceAccountName") {
            spec.put("serviceAccount", spec["serviceAccountName"])
        } else if spec.isFilled("serviceAccount") {
            spec.put("serviceAccountName", spec["serviceAccount"])
        }
    }

    /// What only a pod has.
    static func apply(toSpecOfPod spec: inout JSONValue) {
        apply(toSpec: &spec)
        spec.fill("enableServiceLinks", true)
        let isOnHostNetwork = spec["hostNetwork"]?.bool == true
        for list in ["initContainers", "containers"] {
            spec.changeEach(list) { container in
                requestLimits(&container)
                if isOnHostNetwork { openHostPorts(&container) }
            }
        }
    }

    /// A tag that may move is always looked up again.
    static func pullPolicy(of image: String) -> String {
        if image.utf8.contains(UInt8(ascii: "@")) { return "IfNotPresent" }
        let name = image.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        let parts = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        return parts.count == 2 && parts[1] != "latest" ? "IfNotPresent" : "Always"
    }

    /// What is limited and not requested is requested up to its limit.
    private static func requestLimits(_ container: inout JSONValue) {
        container.change("resources") { resources in
            let limits = resources.entries("limits")
            guard !limits.isEmpty else { return }
            resources.changeOrAdd("requests") { requests in
                for (name, amount) in limits { requests.fill(name, amount) }
            }
        }
    }

    /// On the host's network a container's port is the host's port.
    private static func openHostPorts(_ container: inout JSONValue) {
        container.changeEach("ports") { port in
            let isOpen = (port["hostPort"]?.int ?? 0) != 0
            if !isOpen, let number = port["containerPort"] { port.put("hostPort", number) }
        }
    }
}

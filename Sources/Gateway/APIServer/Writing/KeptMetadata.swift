import APIModel
import JSON
import Schema

extension JSONValue {
    /// Takes from `old` what a client may leave out of an update, and what is the server's alone.
    mutating func keepMetadata(of old: JSONValue) {
        for name in Self.mayBeLeftOut {
            let given = self[path: "metadata", name]
            if given == nil || given == .null || given == "" || given == "0" {
                setMetadata(name, old[path: "metadata", name])
            }
        }
        setMetadata("generation", old[path: "metadata", "generation"])
        setMetadata("selfLink", nil)
    }

    private static let mayBeLeftOut = [
        "uid", "resourceVersion", "creationTimestamp", "deletionTimestamp",
        "deletionGracePeriodSeconds",
    ]
}

extension ResourceDefinition {
    /// What holds for the metadata of these objects.
    var metadataRules: ObjectMetaRules {
        ObjectMetaRules(nameFormat: nameFormat, isNamespaced: isNamespaced)
    }
}

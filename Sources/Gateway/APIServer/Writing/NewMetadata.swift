import APIModel
import JSON
import Resources
import Schema

/// The metadata of a new object: what the client may say, and what the server says.
struct NewMetadata {
    let request: WriteRequest

    /// - Throws: 400 for a namespace that differs from the path's, or a resourceVersion.
    func apply(to object: inout JSONValue) throws(APIStatus) {
        let resourceVersion = object[path: "metadata", "resourceVersion"]?.string ?? ""
        guard resourceVersion.isEmpty || resourceVersion == "0" else {
            throw .badRequest("resourceVersion should not be set on objects to be created")
        }
        try placeInNamespace(&object)
        if object.metadataName == nil,
            let prefix = object[path: "metadata", "generateName"]?.string, !prefix.isEmpty
        {
            object.setMetadata(
                "name", .string(GeneratedName.make(base: prefix)))
        }
        for name in Self.ownedByServer { object.setMetadata(name, nil) }
        object.setMetadata("uid", .string(UniqueID.make()))
        object.setMetadata("creationTimestamp", .string(request.context.now.description))
        if request.target.endpoint.definition.hasGeneration {
            object.setMetadata("generation", 1)
        }
    }

    private func placeInNamespace(_ object: inout JSONValue) throws(APIStatus) {
        let named = object[path: "metadata", "namespace"]?.string ?? ""
        guard let namespace = request.target.namespace else {
            if named.isEmpty { object.setMetadata("namespace", nil) }
            return
        }
        guard named.isEmpty || named == namespace else {
            throw .badRequest(
                "the namespace of the provided object does not match the namespace sent on the "
                    + "request")
        }
        object.setMetadata("namespace", .string(namespace))
    }

    private static let ownedByServer = [
        "resourceVersion", "uid", "creationTimestamp", "deletionTimestamp",
        "deletionGracePeriodSeconds", "generation", "selfLink",
    ]
}

extension JSONValue {
    /// The object's name, when it has one that is not empty.
    var metadataName: String? {
        guard let name = self[path: "metadata", "name"]?.string, !name.isEmpty else { return nil }
        return name
    }
}

import APIModel
import JSON
import Resources
import Schema
import Testing

/// The numbers by which Go clients write the built-in kinds.
@Suite struct ProtobufNumberTests {
    private static let bodies = [
        GroupVersionKind(group: "", version: "v1", kind: "Binding"),
        GroupVersionKind(group: "", version: "v1", kind: "DeleteOptions"),
        GroupVersionKind(group: "autoscaling", version: "v1", kind: "Scale"),
    ]

    /// Every schema that a body of a served kind can lead to.
    private static func schemas(_ registry: SchemaRegistry) throws -> [String] {
        let others = try bodies.map { try #require(registry.schemaName(for: $0)) }
        // Go clients write definitions of custom resources as JSON.
        let resources = registry.resources.filter {
            registry.schema(named: $0.schemaName)?.hasProtobufForm == true
        }
        #expect(registry.resources.count - resources.count == 1)
        return registry.closure(of: resources.map(\.schemaName) + others)
    }

    @Test func `every property has a number`() throws {
        let registry = try Catalog.builtIn().registry
        var count = 0
        for name in try Self.schemas(registry) {
            let source = try #require(registry.source(named: name))
            let isKind = source["x-kubernetes-group-version-kind"] != nil
            for (property, schema) in source["properties"]?.object ?? [:] {
                // These two stand in the envelope.
                if isKind, ["kind", "apiVersion"].contains(property) { continue }
                #expect(schema["x-binnacle-protobuf"] != nil, "\(name).\(property)")
                count += 1
            }
        }
        #expect(count > 700)
    }

    @Test func `no number stands twice, and none leads to both a value and a message`() throws {
        let registry = try Catalog.builtIn().registry
        for name in try Self.schemas(registry) {
            var paths: [[Int64]] = []
            for (_, schema) in registry.source(named: name)?["properties"]?.object ?? [:] {
                guard let number = schema["x-binnacle-protobuf"] else { continue }
                paths.append((number.array ?? [number]).compactMap(\.int))
            }
            for (index, path) in paths.enumerated() {
                for other in paths[..<index] {
                    #expect(!path.starts(with: other) && !other.starts(with: path), "\(name)")
                }
            }
        }
    }

    /// What neither its type nor its format tells how to read.
    @Test func `objects without properties are documents, and nothing is of any kind`() throws {
        let registry = try Catalog.builtIn().registry
        for name in try Self.schemas(registry) {
            let source = try #require(registry.source(named: name))
            let hasTwoTypes = source["x-kubernetes-int-or-string"] == true
            #expect(hasTwoTypes || source["type"] != nil, "\(name)")
            if source["type"] == "object", source["properties"] == nil {
                #expect(source["x-binnacle-protobuf-json"] != nil, "\(name)")
            }
            for (property, schema) in source["properties"]?.object ?? [:] {
                let isUse = schema["allOf"] != nil || schema["$ref"] != nil
                #expect(isUse || schema["type"] != nil, "\(name).\(property)")
            }
        }
    }

    @Test(
        arguments: [
            ("io.k8s.api.core.v1.Pod", "metadata", 1),
            ("io.k8s.api.core.v1.PodSpec", "containers", 2),
            ("io.k8s.api.core.v1.Volume", "secret", [2, 6]),
            ("io.k8s.api.core.v1.Probe", "httpGet", [1, 2]),
            ("io.k8s.api.core.v1.EphemeralContainer", "image", [1, 2]),
            ("io.k8s.api.core.v1.EphemeralContainer", "targetContainerName", 2),
            ("io.k8s.api.core.v1.SecretKeySelector", "name", [1, 1]),
            ("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", "managedFields", 17),
            ("io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference", "apiVersion", 5),
            ("io.k8s.api.coordination.v1.LeaseSpec", "renewTime", 4),
            ("io.k8s.api.rbac.v1.RoleBinding", "roleRef", 3),
            ("io.k8s.api.rbac.v1.Subject", "apiGroup", 2),
            ("io.k8s.api.authorization.v1.SubjectAccessReviewSpec", "extra", 5),
            ("io.k8s.api.authorization.v1.SubjectAccessReviewStatus", "denied", 4),
        ] as [(String, String, JSONValue)])
    func `some numbers, as generated.proto has them`(
        schema: String, property: String, number: JSONValue
    ) throws {
        let registry = try Catalog.builtIn().registry
        let source = registry.source(named: schema)?[path: "properties", property]
        #expect(source?["x-binnacle-protobuf"] == number)
    }
}

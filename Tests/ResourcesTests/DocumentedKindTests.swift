import APIModel
import JSON
import Schema
import Testing

@testable import Resources

/// A kind that one more document describes, and that no line of Swift knows.
@Suite struct DocumentedKindTests {
    private static let document = #"""
        {"openapi":"3.0.0","info":{"title":"Binnacle","version":"v1"},
        "x-binnacle-group-version":{"group":"harbour.example.com","version":"v1"},
        "x-binnacle-resources":[{"plural":"buoys","kind":"Buoy","schema":"com.example.Buoy",
        "namespaced":true,"shortNames":["bu"],"generation":true,
        "subresources":[{"name":"status"}],"selectableFields":["spec.colour"],
        "columns":[{"name":"Name","type":"string","format":"name","jsonPath":".metadata.name"},
        {"name":"Colour","type":"string","jsonPath":".spec.colour"},
        {"name":"Lit","type":"boolean","jsonPath":".status.lit"},
        {"name":"Age","type":"string","cell":"age"}]}],
        "components":{"schemas":{"com.example.Buoy":{"type":"object","required":["spec"],
        "properties":{"apiVersion":{"type":"string"},"kind":{"type":"string"},
        "metadata":{"allOf":[{"$ref":
        "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}]},
        "spec":{"type":"object","required":["colour"],"properties":{
        "colour":{"type":"string","enum":["green","red"],"x-binnacle-immutable":true},
        "moorings":{"type":"integer","format":"int32","minimum":1,"default":1}}},
        "status":{"type":"object","default":{},"properties":{
        "lit":{"type":"boolean","default":false}}}},
        "x-kubernetes-group-version-kind":[
        {"group":"harbour.example.com","version":"v1","kind":"Buoy"}]}}}}
        """#

    private static func kind() throws -> Kind {
        var documents = try Catalog.embeddedDocuments().map { try JSONValue(parsing: $0.bytes) }
        documents.append(try json(document))
        let catalog = try Catalog(
            registry: try SchemaRegistry(documents), strategies: Catalog.builtInStrategies,
            converters: Catalog.builtInConverters)
        return Kind(
            resource: try #require(
                catalog.resource(
                    GroupVersionResource(
                        group: "harbour.example.com", version: "v1", resource: "buoys"))))
    }

    @Test func `it has defaults, a status, columns and selectable fields`() throws {
        let kind = try Self.kind()
        let made = try kind.created(
            ["metadata": ["name": "b"], "spec": ["colour": "red"], "status": ["lit": true]])
        #expect(made["spec"] == ["colour": "red", "moorings": 1])
        #expect(made["status"] == ["lit": false])
        #expect(kind.resource.cells(of: made, now: noon) == ["b", "red", false, "<unknown>"])
        #expect(kind.resource.readFields(made.bytes).fields == ["red"])
        #expect(kind.resource.strategy is PlainStrategy)
    }

    @Test func `it is validated, all causes at once, and keeps what is immutable`() throws {
        let kind = try Self.kind()
        #expect(
            try kind.errors(["metadata": ["name": "b"], "spec": ["moorings": 0, "colour": "blue"]])
                == [
                    #"spec.colour: Unsupported value: "blue": supported values: "green", "red""#
                ])
        #expect(
            try kind.errors(["metadata": ["name": "b"], "spec": ["moorings": -1]]) == [
                "spec.moorings: Invalid value: -1: must be greater than or equal to 1",
                "spec.colour: Required value",
            ])
        #expect(
            try kind.updateErrors(["metadata": ["name": "b"], "spec": ["colour": "red"]]) {
                $0["spec"]?["colour"] = "green"
            } == ["spec.colour: Invalid value: \"green\": field is immutable"])
    }

    @Test func `a kind that is stored as what is not there is refused`() throws {
        let lost = Self.document.replacing(
            #""namespaced":true,"#,
            with: #""namespaced":true,"storedAs":{"version":"v1","plural":"ships"},"#)
        var documents = try Catalog.embeddedDocuments().map { try JSONValue(parsing: $0.bytes) }
        documents.append(try json(lost))
        let registry = try SchemaRegistry(documents)
        let error = #expect(throws: CatalogError.self) {
            try Catalog(
                registry: registry, strategies: Catalog.builtInStrategies,
                converters: Catalog.builtInConverters)
        }
        guard case .noStorage? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}

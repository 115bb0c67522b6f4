// The documents that clients are generated from.

import JSON
import Testing

@Suite struct OpenAPITests {
    private static let documents = [
        "/openapi/v2", "/openapi/v3/api/v1", "/openapi/v3/apis/apps/v1",
        "/openapi/v3/apis/coordination.k8s.io/v1",
    ]
    private static let listPath = "/api/v1/namespaces/{namespace}/configmaps"

    private static func document(_ path: String) async throws -> JSONValue {
        var document = JSONValue.null
        try await TestGateway.run { gateway in document = try await gateway.get(path).json }
        return document
    }

    private static func names(_ parameters: JSONValue?) -> Set<String> {
        Set((parameters?.array ?? []).compactMap { $0["name"]?.string })
    }

    @Test(arguments: documents)
    func `every reference leads to a schema of the document`(path: String) async throws {
        let document = try await Self.document(path)
        let schemas = document["definitions"] ?? document[path: "components", "schemas"]
        let prefix = path == "/openapi/v2" ? "#/definitions/" : "#/components/schemas/"
        var references: Set<String> = []
        Self.collect(document, into: &references)
        #expect(references.count > 10)
        for reference in references {
            #expect(reference.hasPrefix(prefix))
            #expect(schemas?[String(reference.dropFirst(prefix.count))] != nil, "\(reference)")
        }
    }

    private static func collect(_ value: JSONValue, into references: inout Set<String>) {
        for (name, member) in value.object ?? JSONObject() {
            if name == "$ref", let reference = member.string { references.insert(reference) }
            collect(member, into: &references)
        }
        for element in value.array ?? [] { collect(element, into: &references) }
    }

    @Test func `a list can be polled, by name, and read on a condition`() async throws {
        let document = try await Self.document("/openapi/v3/api/v1")
        let list = document["paths"]?[Self.listPath]?["get"]
        let options = Self.names(list?["parameters"])
        let polling: Set = ["poll", "cursor", "timeoutSeconds", "If-None-Match", "Prefer"]
        #expect(options.isSuperset(of: polling))
        #expect(list?[path: "responses", "200", "headers", "ETag"] != nil)
        #expect(list?[path: "responses", "304"] != nil)
        let read = document["paths"]?[Self.listPath + "/{name}"]?["get"]
        let conditions = Self.names(read?["parameters"])
        #expect(conditions == ["resourceVersion", "If-None-Match", "Prefer"])
        #expect(read?[path: "responses", "304"] != nil)
        let create = document["paths"]?[Self.listPath]?["post"]
        let writing = Self.names(create?["parameters"])
        #expect(writing.isDisjoint(with: ["poll", "If-None-Match"]))
        #expect(create?[path: "responses", "304"] == nil)
    }

    @Test func `the answers of a list and of a poll are told apart by their kind`() async throws {
        let document = try await Self.document("/openapi/v3/api/v1")
        let answer = document["paths"]?[Self.listPath]?[
            path: "get", "responses", "200", "content", "application/json", "schema"]
        let schemas = try #require(document[path: "components", "schemas"])
        var kinds: [JSONValue?] = []
        for choice in try #require(answer?["oneOf"]?.array) {
            let name = try #require(choice["$ref"]?.string?.split(separator: "/").last)
            let schema = try #require(schemas[String(name)])
            #expect(schema["required"]?.array?.contains("kind") == true)
            kinds.append(schema[path: "properties", "kind", "enum"])
        }
        #expect(kinds == [["ConfigMapList"], ["WatchEventList"]])
        let event = schemas["io.k8s.api.core.v1.ConfigMapWatchEvent"]
        #expect(
            event?[path: "properties", "object", "$ref"]
                == "#/components/schemas/io.k8s.api.core.v1.ConfigMap")
    }

    @Test func `schemas have short titles, which no two share`() async throws {
        let document = try await Self.document("/openapi/v3/api/v1")
        let schemas = try #require(document[path: "components", "schemas"]?.object)
        let titles = schemas.compactMap { $0.value["title"]?.string }
        #expect(Set(titles).count == titles.count)
        #expect(schemas["io.k8s.api.core.v1.ConfigMap"]?["title"] == "ConfigMap")
    }

    @Test func `the older document knows a list only`() async throws {
        let document = try await Self.document("/openapi/v2")
        let list = document["paths"]?[Self.listPath]?["get"]
        #expect(
            list?[path: "responses", "200", "schema", "$ref"]
                == "#/definitions/io.k8s.api.core.v1.ConfigMapList")
        #expect(list?[path: "responses", "200", "headers", "ETag", "type"] == "string")
        let options = Self.names(list?["parameters"])
        #expect(options.isSuperset(of: ["poll", "If-None-Match"]))
        let maps = document["definitions"]?["io.k8s.api.core.v1.ConfigMapList"]
        #expect(maps?[path: "properties", "kind", "enum"] == nil)
    }

    @Test(arguments: documents)
    func `no document says discriminator, which kubectl takes for text`(
        path: String
    ) async throws {
        let document = try await Self.document(path)
        #expect(!document.description.contains(#""discriminator""#))
    }

    @Test func `kubectl of before finds in the protobuf document that patches take dryRun`()
        async throws
    {
        try await TestGateway.run { gateway in
            let type = "Accept: application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
            let answer = try await gateway.ask("GET", "/openapi/v2", fields: [type])
            let path = "/apis/apps/v1/namespaces/{namespace}/deployments/{name}"
            let parts = answer.body.split(separator: path, maxSplits: 1)
            let operation = try #require(parts.dropFirst().first).prefix(600)
            #expect(operation.contains("dryRun") && operation.contains(#""Deployment""#))
        }
    }
}

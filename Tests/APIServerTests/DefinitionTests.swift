// Kinds that come and go while the gateway runs.

import APIServer
import HTTPTesting
import JSON
import Storage
import Testing

@Suite(.timeLimit(.minutes(5))) struct DefinitionTests {
    private static let definitions =
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    private static let widgets = "/apis/example.com/v1/namespaces/default/widgets"
    private static let crumbs = "/apis/example.com/v1/namespaces/default/crumbs"

    static func definition(
        _ plural: String = "widgets", _ kind: String = "Widget", shortNames: [JSONValue] = ["wd"],
        versions: [String] = ["v1"], storage: String = "v1"
    ) -> JSONValue {
        let size: JSONValue = ["type": "integer", "minimum": 1, "maximum": 10]
        let spec: JSONValue = [
            "type": "object",
            "properties": ["size": size, "color": ["type": "string", "default": "red"]],
        ]
        let made = versions.map { name -> JSONValue in
            [
                "name": .string(name), "served": true, "storage": .bool(name == storage),
                "subresources": ["status": [:]],
                "selectableFields": [["jsonPath": ".spec.color"]],
                "schema": [
                    "openAPIV3Schema": [
                        "type": "object",
                        "properties": [
                            "spec": spec,
                            "status": [
                                "type": "object", "x-kubernetes-preserve-unknown-fields": true,
                            ],
                        ],
                    ]
                ],
            ]
        }
        return [
            "metadata": ["name": .string(plural + ".example.com")],
            "spec": [
                "group": "example.com", "scope": "Namespaced",
                "names": [
                    "plural": .string(plural), "kind": .string(kind),
                    "shortNames": .array(shortNames),
                ],
                "versions": .array(made),
            ],
        ]
    }

    /// Creates a definition and waits until it is established.
    private static func define(
        _ definition: JSONValue, in gateway: TestGateway
    ) async throws {
        let created = try await gateway.ask("POST", definitions, definition)
        #expect(created.status == 201)
        let name = definition[path: "metadata", "name"]?.string ?? ""
        try await condition("Established", "True", of: name, in: gateway)
    }

    /// Waits until a condition has this status.
    private static func condition(
        _ type: String, _ status: JSONValue, of name: String, in gateway: TestGateway
    ) async throws {
        while true {
            let conditions =
                try await gateway.get("\(definitions)/\(name)").json[path: "status", "conditions"]
            let found = conditions?.array?.first { $0["type"]?.string == type }
            if found?["status"] == status { return }
            try Task.checkCancellation()
        }
    }

    /// Asks until the answer has this status.
    private static func wait(
        for status: Int, of path: String, in gateway: TestGateway
    ) async throws -> TestAnswer {
        while true {
            let answer = try await gateway.get(path)
            if answer.status == status { return answer }
            try Task.checkCancellation()
        }
    }

    private static func make(
        _ name: String, _ spec: JSONValue, in gateway: TestGateway
    ) async throws -> TestAnswer {
        try await gateway.ask(
            "POST", widgets, ["metadata": ["name": .string(name)], "spec": spec])
    }

    @Test func `objects of a kind that has just been defined are served`() async throws {
        try await TestGateway.run { gateway in
            #expect(try await gateway.get(Self.widgets).status == 404)
            try await Self.define(Self.definition(), in: gateway)
            let made = try await Self.make("a", ["size": 3, "extra": 1], in: gateway)
            #expect(made.status == 201)
            #expect(made.json["spec"] == ["size": 3, "color": "red"])
            let refused = try await Self.make("b", ["size": 30], in: gateway)
            #expect(refused.status == 422)
            #expect(refused.json[path: "details", "causes"]?[0]?["field"] == "spec.size")
            let listed = try await gateway.get(Self.widgets + "?fieldSelector=spec.color%3Dred")
            #expect(listed.json["items"]?.array?.count == 1)
            #expect(
                try await gateway.get(Self.widgets + "?fieldSelector=spec.color%3Dblue")
                    .json["items"]?.array?.count == 0)
        }
    }

    @Test func `discovery and OpenAPI tell of it`() async throws {
        try await TestGateway.run { gateway in
            try await Self.define(Self.definition(), in: gateway)
            let resources = try await gateway.get("/apis/example.com/v1").json["resources"]?.array
            #expect(resources?.compactMap { $0["name"]?.string } == ["widgets", "widgets/status"])
            #expect(try await gateway.get("/apis").body.contains("example.com/v1"))
            let aggregated = try await gateway.get(
                "/apis",
                fields: [
                    "Accept: application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
                ])
            #expect(aggregated.body.contains("example.com"))
            let document = try await gateway.get("/openapi/v3/apis/example.com/v1").json
            let schema = document[path: "components", "schemas", "com.example.v1.Widget"]
            #expect(schema?[path: "properties", "spec", "properties", "size", "maximum"] == 10)
            #expect(try await gateway.get("/openapi/v2").body.contains("com.example.v1.Widget"))
            #expect(try await gateway.get("/openapi/v3").body.contains("apis/example.com/v1"))
        }
    }

    @Test func `a definition goes when its objects have gone, and their watches end`()
        async throws
    {
        try await TestGateway.run { gateway in
            try await Self.define(Self.definition(), in: gateway)
            _ = try await Self.make("a", ["size": 1], in: gateway)
            let held = try await gateway.ask(
                "POST", Self.widgets,
                ["metadata": ["name": "held", "finalizers": ["example.com/hold"]]])
            #expect(held.status == 201)
            let watch = try await gateway.watch(Self.widgets + "?watch=1")
            #expect(await watch.next(2) == ["ADDED a", "ADDED held"])
            let name = Self.definitions + "/widgets.example.com"
            #expect(try await gateway.ask("DELETE", name).status == 200)
            #expect(await watch.next(2).contains("DELETED a"))
            try await Self.condition(
                "Terminating", "True", of: "widgets.example.com", in: gateway)
            #expect(try await Self.make("late", [:], in: gateway).status == 405)
            try await gateway.merge(
                ["metadata": ["finalizers": .null]], into: Self.widgets + "/held")
            while await watch.nextIfAny() != nil {}
            _ = try await Self.wait(for: 404, of: Self.widgets, in: gateway)
            _ = try await Self.wait(for: 404, of: name, in: gateway)
            #expect(try await !gateway.get("/apis").body.contains("example.com"))
            // Nothing is left of the old objects.
            try await Self.define(Self.definition(), in: gateway)
            #expect(try await gateway.get(Self.widgets).json["items"] == [])
        }
    }

    @Test func `another gateway over the same store serves it, too, and so does a later one`()
        async throws
    {
        let store = MemoryStore()
        let first = try await TestGateway(over: store)
        let second = try await TestGateway(over: store)
        try await Self.define(Self.definition(), in: first)
        #expect(try await Self.make("a", ["size": 2], in: first).status == 201)
        _ = try await Self.wait(for: 200, of: Self.widgets + "/a", in: second)
        await first.stop(keepingStore: true)
        await second.stop(keepingStore: true)
        try await (try await TestGateway(over: store)).run { third in
            // Without a wait: objects are there when the gateway begins to answer.
            let object = try await third.get(Self.widgets + "/a").json
            #expect(object[path: "spec", "size"] == 2)
        }
    }

    @Test func `a name belongs to who has it`() async throws {
        try await TestGateway.run { gateway in
            try await Self.define(Self.definition(), in: gateway)
            let other = Self.definition("crumbs", "Widget", shortNames: ["cr"])
            #expect(try await gateway.ask("POST", Self.definitions, other).status == 201)
            let name = "crumbs.example.com"
            try await Self.condition("NamesAccepted", "False", of: name, in: gateway)
            let status = try await gateway.get("\(Self.definitions)/\(name)").json["status"]
            let condition = status?["conditions"]?.array?.first {
                $0["type"] == "NamesAccepted"
            }
            #expect(condition?["reason"] == "SingularConflict")
            #expect(condition?["message"] == "\"widget\" is already in use")
            #expect(try await gateway.get(Self.crumbs).status == 404)
            // It is served as soon as the name is free.
            _ = try await gateway.ask("DELETE", Self.definitions + "/widgets.example.com")
            _ = try await Self.wait(for: 200, of: Self.crumbs, in: gateway)
        }
    }

    @Test func `a changed definition is served anew`() async throws {
        try await TestGateway.run { gateway in
            try await Self.define(Self.definition(), in: gateway)
            _ = try await Self.make("a", ["size": 9], in: gateway)
            try await gateway.merge(
                ["spec": ["names": ["shortNames": ["w"], "categories": ["all"]]]],
                into: Self.definitions + "/widgets.example.com")
            while try await !gateway.get("/apis/example.com/v1").body.contains("\"all\"") {
                try Task.checkCancellation()
            }
            #expect(try await gateway.get(Self.widgets + "/a").status == 200)
        }
    }

    @Test func `an object is served in every version, whichever it was made in`() async throws {
        try await TestGateway.run { gateway in
            try await Self.define(
                Self.definition(versions: ["v1", "v1beta1"]), in: gateway)
            let beta = "/apis/example.com/v1beta1/namespaces/default/widgets"
            let made = try await gateway.ask("POST", beta, ["metadata": ["name": "b"]])
            #expect(made.status == 201)
            #expect(made.json["apiVersion"] == "example.com/v1beta1")
            _ = try await Self.make("a", ["size": 1], in: gateway)
            for (path, version) in [(Self.widgets, "v1"), (beta, "v1beta1")] {
                let list = try await gateway.get(path).json
                #expect(list["apiVersion"] == .string("example.com/\(version)"))
                #expect(list["items"]?.array?.count == 2)
                let one = try await gateway.get(path + "/b").json
                #expect(one["apiVersion"] == .string("example.com/\(version)"))
            }
            // Stored in another version from now on; what is there is read all the same.
            let changed = Self.definition(versions: ["v1", "v1beta1"], storage: "v1beta1")
            try await gateway.merge(
                ["spec": changed["spec"] ?? .null],
                into: Self.definitions + "/widgets.example.com")
            let name = Self.definitions + "/widgets.example.com"
            #expect(
                try await gateway.get(name).json[path: "status", "storedVersions"]
                    == ["v1", "v1beta1"])
            _ = try await gateway.ask("POST", beta, ["metadata": ["name": "c"]])
            while try await gateway.get(Self.widgets).json["items"]?.array?.count != 3 {
                try Task.checkCancellation()
            }
        }
    }

    @Test func `custom resources take no strategic patch and no protobuf`() async throws {
        try await TestGateway.run { gateway in
            try await Self.define(Self.definition(), in: gateway)
            _ = try await Self.make("a", ["size": 1], in: gateway)
            let strategic = try await gateway.ask(
                "PATCH", Self.widgets + "/a", ["spec": ["size": 2]],
                fields: ["Content-Type: application/strategic-merge-patch+json"])
            #expect(strategic.status == 415)
            let protobuf = try await gateway.ask(
                "POST", Self.widgets, ["metadata": ["name": "p"]],
                fields: ["Content-Type: application/vnd.kubernetes.protobuf"])
            #expect(protobuf.status == 415)
            let unconditional = try await gateway.ask(
                "PUT", Self.widgets + "/a", ["metadata": ["name": "a"], "spec": ["size": 3]])
            #expect(unconditional.status == 422)
        }
    }
}

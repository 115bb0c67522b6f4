import APIServer
import JSON
import Testing

extension TestGateway {
    /// Applies a configuration of an object that its path names.
    @discardableResult
    fileprivate func apply(
        _ configuration: JSONValue, to target: String, as manager: String, more: String = ""
    ) async throws -> TestAnswer {
        try await ask(
            "PATCH", "\(target)?fieldManager=\(manager)\(more)", configuration,
            fields: ["Content-Type: application/apply-patch+yaml"])
    }

    fileprivate static func map(_ data: JSONObject) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "a"],
            "data": .object(data),
        ]
    }

    fileprivate func asClient(_ name: String) -> [String] { ["User-Agent: \(name)/1.0 (linux)"] }
}

extension TestAnswer {
    /// Each manager with its operation and the fields that it owns.
    fileprivate var owners: [String] {
        (json[path: "metadata", "managedFields"]?.array ?? []).map { entry in
            let part = entry["subresource"]?.string.map { " " + $0 } ?? ""
            return "\(entry["manager"]?.string ?? "") \(entry["operation"]?.string ?? "")\(part) "
                + (entry["fieldsV1"]?.description ?? "")
        }
    }
}

/// Server-side apply, as clients see it.
@Suite struct ApplyTests {
    private let map = TestGateway.configMaps + "/a"

    @Test func `applying what is not there creates it, and owns what it says`() async throws {
        try await TestGateway.run { gateway in
            let created = try await gateway.apply(
                TestGateway.map(["x": "1"]), to: map, as: "one")
            #expect(created.status == 201)
            #expect(created.owners == [#"one Apply {"f:data":{"f:x":{}}}"#])
            let read = try await gateway.get(map)
            #expect(read.owners == created.owners)
        }
    }

    /// The subjects are replaced as a whole, and the server gives each of them a group.
    @Test func `applying again what the server has completed changes nothing`() async throws {
        try await TestGateway.run { gateway in
            let group = "rbac.authorization.k8s.io"
            let binding: JSONValue = [
                "apiVersion": .string("\(group)/v1"), "kind": "RoleBinding",
                "metadata": ["name": "a"],
                "roleRef": ["apiGroup": .string(group), "kind": "ClusterRole", "name": "view"],
                "subjects": [["kind": "User", "name": "wanda"]],
            ]
            let path = "/apis/\(group)/v1/namespaces/default/rolebindings/a"
            let first = try await gateway.apply(binding, to: path, as: "one")
            #expect(first.status == 201)
            await gateway.advance(seconds: 60)
            let again = try await gateway.apply(binding, to: path, as: "one")
            #expect(again.status == 200)
            #expect(again.json == first.json)
            let other = try await gateway.apply(binding, to: path, as: "two")
            #expect(other.status == 200)
            #expect(other.owners.count == 2)
        }
    }

    @Test func `a conflict names the managers and the fields`() async throws {
        try await TestGateway.run { gateway in
            try await gateway.apply(TestGateway.map(["x": "1", "y": "1"]), to: map, as: "one")
            try await gateway.ask(
                "PATCH", map, ["data": ["z": "1"]],
                fields: ["Content-Type: application/merge-patch+json"] + gateway.asClient("two"))
            let refused = try await gateway.apply(
                TestGateway.map(["x": "2", "z": "2"]), to: map, as: "three")
            #expect(refused.status == 409)
            #expect(
                refused.json["message"]?.string
                    == "Apply failed with 2 conflicts: conflicts with \"one\":\n- .data.x\n"
                    + "conflicts with \"two\" using v1:\n- .data.z")
            #expect(
                refused.json[path: "details", "causes"] == [
                    [
                        "reason": "FieldManagerConflict", "message": "conflict with \"one\"",
                        "field": ".data.x",
                    ],
                    [
                        "reason": "FieldManagerConflict",
                        "message": "conflict with \"two\" using v1", "field": ".data.z",
                    ],
                ])
            let forced = try await gateway.apply(
                TestGateway.map(["x": "2", "z": "2"]), to: map, as: "three", more: "&force=true")
            #expect(forced.status == 200)
            #expect(
                forced.owners == [
                    #"one Apply {"f:data":{"f:y":{}}}"#,
                    #"three Apply {"f:data":{"f:x":{},"f:z":{}}}"#,
                ])
        }
    }

    @Test func `applying the same again writes nothing`() async throws {
        try await TestGateway.run { gateway in
            let first = try await gateway.apply(TestGateway.map(["x": "1"]), to: map, as: "one")
            await gateway.advance(seconds: 60)
            let again = try await gateway.apply(TestGateway.map(["x": "1"]), to: map, as: "one")
            #expect(again.body == first.body)
        }
    }

    @Test func `a dry run shows who would own what and stores nothing`() async throws {
        try await TestGateway.run { gateway in
            let shown = try await gateway.apply(
                TestGateway.map(["x": "1"]), to: map, as: "one", more: "&dryRun=All")
            #expect(shown.status == 201)
            #expect(shown.owners == [#"one Apply {"f:data":{"f:x":{}}}"#])
            let found = try await gateway.get(map).status
            #expect(found == 404)
        }
    }

    @Test(
        arguments: [
            (["kind": "ConfigMap"], 400, "must say its apiVersion and kind"),
            (["apiVersion": "v1", "kind": "Secret"], 400, "Incorrect version specified"),
            (
                ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["managedFields": [[:]]]],
                400,
                "metadata.managedFields must be nil"
            ),
            (
                ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "b"]], 400,
                "does not match the name on the URL"
            ),
            (["apiVersion": "v1", "kind": "ConfigMap", "dat": [:]], 400, "not declared in schema"),
            (
                ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["uid": "1"]], 409,
                "uid mismatch"
            ),
            (
                ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["resourceVersion": "1"]],
                400,
                "resourceVersion should not be set"
            ),
        ] as [(JSONValue, Int, String)])
    func `a configuration that does not fit is refused`(
        configuration: JSONValue, status: Int, message: String
    ) async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.apply(configuration, to: map, as: "one")
            #expect(answer.status == status)
            #expect(answer.json["message"]?.string?.contains(message) == true, "\(answer.body)")
        }
    }

    @Test func `a version that was named must be the present one`() async throws {
        try await TestGateway.run { gateway in
            let old = try await gateway.apply(TestGateway.map(["x": "1"]), to: map, as: "one")
            try await gateway.apply(TestGateway.map(["x": "2"]), to: map, as: "one")
            var configuration = TestGateway.map(["x": "3"])
            configuration["metadata"]?["resourceVersion"] =
                old.json[path: "metadata", "resourceVersion"]
            let refused = try await gateway.apply(configuration, to: map, as: "one")
            #expect(refused.status == 409)
        }
    }

    @Test func `the status and the scale are applied apart`() async throws {
        try await TestGateway.run { gateway in
            let path = "/apis/apps/v1/namespaces/default/deployments/d"
            let spec: JSONValue = [
                "replicas": 1, "selector": ["matchLabels": ["a": "b"]],
                "template": [
                    "metadata": ["labels": ["a": "b"]],
                    "spec": ["containers": [["name": "c", "image": "i"]]],
                ],
            ]
            let whole: JSONValue = ["apiVersion": "apps/v1", "kind": "Deployment"]
            var configuration = whole
            configuration["spec"] = spec
            let made = try await gateway.apply(configuration, to: path, as: "one")
            #expect(made.status == 201, "\(made.body)")
            var status = whole
            status["status"] = ["replicas": 3]
            let noted = try await gateway.apply(status, to: path + "/status", as: "two")
            #expect(noted.owners.last == #"two Apply status {"f:status":{"f:replicas":{}}}"#)
            let scale: JSONValue = [
                "apiVersion": "autoscaling/v1", "kind": "Scale", "spec": ["replicas": 5],
            ]
            let refused = try await gateway.apply(scale, to: path + "/scale", as: "three")
            #expect(
                refused.json["message"]
                    == "Apply failed with 1 conflict: conflict with \"one\": .spec.replicas")
            let scaled = try await gateway.apply(
                scale, to: path + "/scale", as: "three", more: "&force=true")
            #expect(scaled.json[path: "spec", "replicas"] == 5)
            let read = try await gateway.get(path)
            #expect(read.owners.contains(#"three Apply scale {"f:spec":{"f:replicas":{}}}"#))
        }
    }

    @Test func `what kubectl applied on its own side is taken over without a conflict`()
        async throws
    {
        try await TestGateway.run { gateway in
            let applied = TestGateway.map(["x": "1", "y": "1"])
            var made = applied
            made["metadata"]?["annotations"] = [
                "kubectl.kubernetes.io/last-applied-configuration": .string(applied.description)
            ]
            try await gateway.ask(
                "POST", TestGateway.configMaps + "?fieldManager=kubectl-client-side-apply", made)
            let taken = try await gateway.apply(
                TestGateway.map(["x": "2"]), to: map, as: "kubectl")
            #expect(taken.status == 200)
            let text = taken.json[path: "metadata", "annotations"]?[
                "kubectl.kubernetes.io/last-applied-configuration"]?.string
            #expect(text?.contains(#""data":{"x":"2"}"#) == true)
        }
    }
}

/// Who owns what after other writes.
@Suite struct ManagedFieldsTests {
    private let map = TestGateway.configMaps + "/a"

    @Test func `every write says by whom, by default after its program`() async throws {
        try await TestGateway.run { gateway in
            let made = try await gateway.ask(
                "POST", TestGateway.configMaps, ["metadata": ["name": "a"], "data": ["x": "1"]],
                fields: gateway.asClient("curl"))
            #expect(made.owners == [#"curl Update {"f:data":{".":{},"f:x":{}}}"#])
            await gateway.advance(seconds: 1)
            let named = try await gateway.ask(
                "PATCH", map + "?fieldManager=me", ["data": ["y": "1"]],
                fields: ["Content-Type: application/merge-patch+json"] + gateway.asClient("curl"))
            #expect(
                named.owners == [
                    #"curl Update {"f:data":{".":{},"f:x":{}}}"#,
                    #"me Update {"f:data":{"f:y":{}}}"#,
                ])
        }
    }

    @Test func `an update may leave the managed fields out, and does not lose them`() async throws {
        try await TestGateway.run { gateway in
            let made = try await gateway.create("a", data: ["x": "1"])
            let put = try await gateway.ask(
                "PUT", map, ["metadata": ["name": "a"], "data": ["x": "1"]])
            #expect(put.body == made.body)
        }
    }

    @Test(arguments: [[], [[:]]] as [JSONValue])
    func `an empty list makes everybody forgotten, and a part of the object cannot`(
        reset: JSONValue
    ) async throws {
        try await TestGateway.run { gateway in
            try await gateway.create("a", data: ["x": "1"])
            let forgotten = try await gateway.merge(
                ["metadata": ["managedFields": reset]], into: map)
            #expect(forgotten.status == 200)
            #expect(forgotten.json[path: "metadata", "managedFields"] == nil)
            let still = try await gateway.merge(["data": ["y": "1"]], into: map)
            #expect(still.json[path: "metadata", "managedFields"] == nil)
            let applied = try await gateway.ask(
                "PATCH", map + "?fieldManager=one", TestGateway.map(["y": "1"]),
                fields: ["Content-Type: application/apply-patch+yaml"])
            #expect(
                applied.owners == [
                    #"one Apply {"f:data":{"f:y":{}}}"#,
                    #"before-first-apply Update {"f:data":{".":{},"f:x":{},"f:y":{}}}"#,
                ])
        }
    }

    @Test func `a patch can hand fields to another manager`() async throws {
        try await TestGateway.run { gateway in
            try await gateway.ask(
                "POST", TestGateway.configMaps, ["metadata": ["name": "a"], "data": ["x": "1"]],
                fields: gateway.asClient("curl"))
            let handed = try await gateway.ask(
                "PATCH", map,
                [
                    [
                        "op": "replace", "path": "/metadata/managedFields/0/manager",
                        "value": "heir",
                    ]
                ], fields: ["Content-Type: application/json-patch+json"])
            #expect(handed.owners == [#"heir Update {"f:data":{".":{},"f:x":{}}}"#])
        }
    }

    @Test func `managed fields that make no sense are not taken`() async throws {
        try await TestGateway.run { gateway in
            let made = try await gateway.create("a", data: ["x": "1"])
            let patched = try await gateway.merge(
                ["metadata": ["managedFields": [["manager": "m", "operation": "Guess"]]]],
                into: map)
            #expect(patched.status == 200)
            #expect(patched.owners == made.owners)
        }
    }

    @Test func `a deletion that waits keeps the owners`() async throws {
        try await TestGateway.run { gateway in
            let made = try await gateway.ask(
                "POST", TestGateway.configMaps,
                ["metadata": ["name": "a", "finalizers": ["x.y/z"]]])
            let waiting = try await gateway.ask("DELETE", map)
            #expect(waiting.status == 200)
            #expect(!made.owners.isEmpty)
            #expect(waiting.owners == made.owners)
        }
    }
}

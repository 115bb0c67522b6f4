import APIModel
import JSON
import Schema
import Testing

@testable import Resources

/// Definitions of custom resources, as objects.
@Suite struct DefinitionTests {
    private static let plain = #"""
        {"metadata":{"name":"widgets.example.com"},"spec":{"group":"example.com",
        "scope":"Namespaced","names":{"plural":"widgets","kind":"Widget"},"versions":[
        {"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object",
        "properties":{"spec":{"type":"object","properties":{"size":{"type":"integer"},
        "color":{"type":"string"},"tags":{"type":"array","items":{"type":"string"}}}}}}}}]}}
        """#

    private static func definition(
        _ change: (inout JSONValue) throws -> Void = { _ in }
    ) throws -> JSONValue {
        var object = try json(plain)
        try change(&object)
        return object
    }

    private static func errors(
        _ change: (inout JSONValue) throws -> Void = { _ in }
    ) throws -> [String] {
        try Kind("CustomResourceDefinition").errors(try definition(change))
    }

    @Test func `names are filled in, and the stored version is noted`() throws {
        let kind = try Kind("CustomResourceDefinition")
        let created = try kind.created(try Self.definition())
        #expect(created[path: "spec", "names", "singular"] == "widget")
        #expect(created[path: "spec", "names", "listKind"] == "WidgetList")
        #expect(created[path: "spec", "conversion", "strategy"] == "None")
        #expect(created[path: "status", "storedVersions"] == ["v1"])
        #expect(try Self.errors() == [])
    }

    @Test(
        arguments: [
            (
                "group", "example",
                "spec.group: Invalid value: \"example\": should be a domain with at least one dot"
            ),
            (
                "scope", "Galaxy",
                """
                spec.scope: Unsupported value: "Galaxy": supported values: "Cluster", "Namespace\
                d"
                """
            ),
            (
                "group", "other.com",
                """
                metadata.name: Invalid value: "widgets.example.com": must be spec.names.plural+"\
                ."+spec.group
                """
            ),
        ])
    func `is refused with what is wrong in it`(
        member: String, value: String, error: String
    ) throws {
        let errors = try Self.errors { $0["spec"]?[member] = .string(value) }
        #expect(errors.contains(error), "\(errors)")
    }

    @Test func `exactly one version is stored, and versions have names of their own`() throws {
        let errors = try Self.errors {
            let version = $0[path: "spec", "versions"]?[0] ?? .null
            $0["spec"]?["versions"] = [version, version]
        }
        #expect(
            errors == [
                "spec.versions[1].name: Duplicate value: \"v1\"",
                "spec.versions: Invalid value: [\"v1\",\"v1\"]: must have exactly one version "
                    + "marked as storage version",
            ])
        #expect(
            try Self.errors { $0["spec"]?["versions"] = [] }
                == ["spec.versions: Required value: must have at least one version"])
    }

    @Test(
        arguments: [
            (
                #"""
                {"subresources":{"scale":{"specReplicasPath":".status.n","statusReplicasPath":".\#
                status.n"}}}
                """#,
                """
                subresources.scale.specReplicasPath: Invalid value: ".status.n": should be a jso\
                n path under .spec
                """
            ),
            (
                #"{"additionalPrinterColumns":[{"name":"A","type":"text","jsonPath":".a"}]}"#,
                """
                additionalPrinterColumns[0].type: Unsupported value: "text": supported values: "\
                boolean", "date", "integer", "number", "string"
                """
            ),
            (
                #"{"additionalPrinterColumns":[{"name":"A","type":"string","jsonPath":"a["}]}"#,
                """
                additionalPrinterColumns[0].jsonPath: Invalid value: "a[": is not a path that ca\
                n be read
                """
            ),
            (
                #"{"selectableFields":[{"jsonPath":".spec.tags"}]}"#,
                """
                selectableFields[0].jsonPath: Invalid value: ".spec.tags": must point to a field\
                 of type string, boolean or integer, not array
                """
            ),
            (
                #"{"selectableFields":[{"jsonPath":".spec.nope"}]}"#,
                """
                selectableFields[0].jsonPath: Invalid value: ".spec.nope": is an invalid path: d\
                oes not exist in the schema
                """
            ),
            (
                #"{"deprecationWarning":"old"}"#,
                """
                deprecationWarning: Invalid value: "old": can only be set for deprecated version\
                s
                """
            ),
            (#"{"schema":{}}"#, "schema.openAPIV3Schema: Required value: schemas are required"),
        ])
    func `a version is refused with what is wrong in it`(more: String, error: String) throws {
        let errors = try Self.errors { definition in
            var version = definition[path: "spec", "versions"]?[0] ?? .null
            for (name, value) in try json(more).object ?? [:] { version[name] = value }
            definition["spec"]?["versions"] = [version]
        }
        #expect(errors == ["spec.versions[0]." + error])
    }

    @Test(
        arguments: [
            (
                #"{"strategy":"Magic"}"#,
                "strategy: Unsupported value: \"Magic\": supported values: \"None\", \"Webhook\""
            ),
            (
                #"{"strategy":"Webhook"}"#,
                "webhook.clientConfig: Required value: required when strategy is set to Webhook"
            ),
            (
                #"""
                {"strategy":"Webhook","webhook":{"clientConfig":{"url":"http://h"},"conversionRe\#
                viewVersions":["v1"]}}
                """#,
                """
                webhook.clientConfig.url: Invalid value: "http://h": 'https' is the only allowed\
                 URL scheme; desired format: https://host[/path]
                """
            ),
            (
                #"""
                {"strategy":"Webhook","webhook":{"clientConfig":{"url":"https://h"},"conversionR\#
                eviewVersions":["v9"]}}
                """#,
                """
                webhook.conversionReviewVersions: Invalid value: ["v9"]: must include at least o\
                ne of v1, which is what this server sends
                """
            ),
        ])
    func `a conversion is refused with what is wrong in it`(text: String, error: String) throws {
        let errors = try Self.errors { $0["spec"]?["conversion"] = try json(text) }
        #expect(errors == ["spec.conversion." + error])
    }

    @Test func `groups of Kubernetes' own need its approval`() throws {
        func errors(_ approval: String?) throws -> [String] {
            try Self.errors {
                $0["spec"]?["group"] = "x.k8s.io"
                $0["metadata"] = ["name": "widgets.x.k8s.io"]
                if let approval {
                    $0["metadata"]?["annotations"] = [
                        "api-approved.kubernetes.io": .string(approval)
                    ]
                }
            }
        }
        #expect(try errors(nil).count == 1)
        #expect(try errors("yes").count == 1)
        #expect(try errors("https://github.com/kubernetes/kubernetes/pull/1") == [])
        #expect(try errors("unapproved, for a test") == [])
    }

    @Test func `a version in which objects may be stored stays`() throws {
        let kind = try Kind("CustomResourceDefinition")
        let old = try kind.created(try Self.definition())
        let changed = try Self.definition {
            $0["spec"]?["versions"]?.rename("v2")
        }
        let updated = try kind.updated(changed, from: old)
        #expect(updated[path: "status", "storedVersions"] == ["v1", "v2"])
        #expect(
            kind.resource.strategy.validateUpdate(updated, from: old).map(\.description)
                == [
                    "status.storedVersions[0]: Invalid value: \"v1\": must appear in spec.versions"
                ])
    }

    @Test func `where a webhook translates, all versions are served and may be stored`() throws {
        let kind = try Kind("CustomResourceDefinition")
        let webhook = try json(
            #"""
            {"strategy":"Webhook","webhook":{"clientConfig":{"url":"https://h"},
            "conversionReviewVersions":["v1"]}}
            """#)
        var object = try kind.created(
            try Self.definition { definition in
                let first = definition[path: "spec", "versions"]?[0] ?? .null
                var second = first
                second["name"] = "v2"
                second["storage"] = false
                definition["spec"]?["versions"] = [first, second]
                definition["spec"]?["conversion"] = webhook
            })
        let resources = try CustomDefinition(object).resources(beside: catalog.registry)
        #expect(resources.map(\.isServed) == [true, true])
        #expect(resources.allSatisfy { $0.resource.conversion == nil })
        object["status"]?["storedVersions"] = ["v1", "v2"]
        let errors = kind.resource.strategy.validateStatusUpdate(object, from: object)
        #expect(errors.isEmpty)
    }

    @Test func `its objects go first`() throws {
        let kind = try Kind("CustomResourceDefinition")
        var object = try kind.created(try Self.definition())
        #expect(!kind.resource.strategy.mayEnd(object))
        object["metadata"]?["deletionTimestamp"] = "2026-01-01T12:00:00Z"
        kind.resource.strategy.prepareForDeletion(&object)
        #expect(ObjectMeta(of: object).finalizers == [CustomDefinition.cleanupFinalizer])
        #expect(kind.resource.strategy.mayEnd(object))
    }

    @Test func `a status without a path of its own is part of what is wanted`() throws {
        let definition = CustomDefinition(try Self.definition())
        let resource = try #require(
            try definition.resources(beside: catalog.registry).first
        ).resource
        let old: JSONValue = ["metadata": ["generation": 1], "status": ["a": 1]]
        var new: JSONValue = ["metadata": ["generation": 7], "status": ["a": 2]]
        resource.raiseGeneration(&new, from: old)
        #expect(new[path: "metadata", "generation"] == 2)
    }

    @Test func `columns show values in the form of their type`() throws {
        let definition = CustomDefinition(
            try Self.definition { definition in
                let columns = try json(
                    #"""
                    [{"name":"Size","type":"integer","jsonPath":".spec.size"},
                    {"name":"Ready","type":"string",
                    "jsonPath":".status.conditions[?(@.type==\"Ready\")].status"},
                    {"name":"Tags","type":"string","jsonPath":".spec.tags"},
                    {"name":"Since","type":"date","jsonPath":".status.since"},
                    {"name":"On","type":"boolean","jsonPath":".spec.on"}]
                    """#)
                var version = definition[path: "spec", "versions"]?[0] ?? .null
                version["additionalPrinterColumns"] = columns
                definition["spec"]?["versions"] = [version]
            })
        let resource = try #require(
            try definition.resources(beside: catalog.registry).first
        ).resource
        let object = try json(
            #"""
            {"metadata":{"name":"a"},"spec":{"size":3,"tags":["x"],"on":"yes"},"status":{
            "since":"2026-01-01T11:00:00Z","conditions":[{"type":"Other","status":"False"},
            {"type":"Ready","status":"True"}]}}
            """#)
        #expect(
            .array(resource.cells(of: object, now: noon))
                == (try json(#"["a",3,"True","[\"x\"]","60m",null]"#)))
        #expect(
            .array(resource.cells(of: ["metadata": ["name": "b"]], now: noon))
                == (try json(#"["b",null,null,null,null,null]"#)))
    }
}

extension JSONValue {
    /// Gives the first version of a list another name.
    fileprivate mutating func rename(_ name: String) {
        _ = updateArray { $0[0]["name"] = .string(name) }
    }
}

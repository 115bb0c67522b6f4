import APIModel
import Access
import JSON
import Testing

@testable import Admission

/// Which requests the rules and selectors of webhooks and policies mean.
@Suite struct RequestMatcherTests {
    private static func form(_ group: String, _ version: String, _ plural: String)
        -> AdmissionRequest.Form
    {
        let groupVersion = GroupVersion(group: group, version: version)
        return AdmissionRequest.Form(groupVersion.kind("Kind"), at: groupVersion.resource(plural))
    }

    private static func request(
        _ form: AdmissionRequest.Form, _ operation: AdmissionRequest.Operation = .create,
        subresource: String = "", namespace: String = "default", name: String = "a",
        object: JSONValue = ["metadata": [:]], old: JSONValue = .null,
        equivalents: [AdmissionRequest.Equivalent] = []
    ) -> AdmissionRequest {
        AdmissionRequest(
            operation,
            at: AdmissionRequest.Place(
                form, subresource: subresource, namespace: namespace, name: name,
                equivalents: { equivalents }),
            by: .loopback, options: [:], isDryRun: false, object: object, old: old,
            complete: { $0 })
    }

    private static func rule(
        _ resources: JSONValue, operations: JSONValue = ["*"], groups: JSONValue = ["apps"],
        versions: JSONValue = ["v1"], scope: String = "*", names: JSONValue = []
    ) -> JSONValue {
        [
            "operations": operations, "apiGroups": groups, "apiVersions": versions,
            "resources": resources, "scope": .string(scope), "resourceNames": names,
        ]
    }

    @Test(arguments: [
        ("deployments", "", true), ("deployments", "status", false),
        ("deployments/status", "status", true), ("deployments/status", "", false),
        ("deployments/*", "status", true), ("deployments/*", "", true), ("*", "", true),
        ("*", "status", false), ("*/status", "status", true), ("*/scale", "status", false),
        ("*/*", "", true), ("*/*", "status", true), ("replicasets", "", false),
    ])
    func `rules name resources and their parts`(
        resource: String, subresource: String, isMeant: Bool
    ) {
        let rule = RequestRule(Self.rule([.string(resource)]))
        let form = Self.form("apps", "v1", "deployments")
        let request = Self.request(form, subresource: subresource)
        #expect(rule.matches(request, as: form) == isMeant)
    }

    @Test func `operations, groups, versions and names must all fit`() {
        let form = Self.form("apps", "v1", "deployments")
        let request = Self.request(form, .update)
        func isMeant(_ rule: JSONValue) -> Bool { RequestRule(rule).matches(request, as: form) }
        #expect(isMeant(Self.rule(["*"], operations: ["CREATE", "UPDATE"])))
        #expect(!isMeant(Self.rule(["*"], operations: ["CREATE", "DELETE"])))
        #expect(isMeant(Self.rule(["*"], groups: ["*"])))
        #expect(!isMeant(Self.rule(["*"], groups: [""])))
        #expect(!isMeant(Self.rule(["*"], versions: ["v1beta1"])))
        #expect(isMeant(Self.rule(["*"], names: ["b", "a"])))
        #expect(!isMeant(Self.rule(["*"], names: ["b"])))
    }

    @Test func `a namespace is cluster-scoped, though its requests name one`() {
        let namespaces = Self.form("", "v1", "namespaces")
        let request = Self.request(namespaces, .update, namespace: "a")
        func isMeant(_ scope: String) -> Bool {
            RequestRule(Self.rule(["*"], groups: [""], scope: scope))
                .matches(request, as: namespaces)
        }
        #expect(isMeant("*") && isMeant("Cluster") && !isMeant("Namespaced"))
        let maps = Self.form("", "v1", "configmaps")
        let other = Self.request(maps)
        #expect(
            RequestRule(Self.rule(["*"], groups: [""], scope: "Namespaced"))
                .matches(other, as: maps))
    }

    @Test func `another version of the same objects will do, unless the match is exact`()
        async throws
    {
        let objects = try await CachedObjects(["core/namespaces": ["default": [:]]])
        let labels = LabelLookup(namespaces: CachedKind("core/namespaces", objects.cache))
        let older = AdmissionRequest.Equivalent(
            Self.form("autoscaling", "v1", "scalers"), there: { _ in "older" },
            back: { _ in "newer" })
        let request = Self.request(
            Self.form("autoscaling", "v2", "scalers"), equivalents: [older])
        func match(_ policy: String) async throws -> RequestMatcher.Match? {
            try await RequestMatcher(
                ["matchPolicy": .string(policy)],
                rules: [Self.rule(["scalers"], groups: ["autoscaling"])]
            ).match(request, namespaceLabels: labels)
        }
        #expect(try await match("Exact") == nil)
        let found = try #require(try await match("Equivalent"))
        #expect(found.form == older.form)
        #expect(found.object == "older" && found.old == .null)
        #expect(try await found.returned("older") == "newer")
    }

    @Test func `selectors look at the namespace, and at the object both ways`() async throws {
        let objects = try await CachedObjects([
            "core/namespaces": ["red": ["metadata": ["labels": ["color": "red"]]], "plain": [:]]
        ])
        let labels = LabelLookup(namespaces: CachedKind("core/namespaces", objects.cache))
        let maps = Self.form("", "v1", "configmaps")
        let red: JSONValue = ["matchLabels": ["color": "red"]]
        let labelled: JSONValue = ["metadata": ["labels": ["color": "red"]]]
        func isMeant(_ member: String, _ request: AdmissionRequest) -> Bool {
            RequestMatcher([member: red], rules: nil).means(request, namespaceLabels: labels)
        }
        #expect(isMeant("namespaceSelector", Self.request(maps, namespace: "red")))
        #expect(!isMeant("namespaceSelector", Self.request(maps, namespace: "plain")))
        #expect(!isMeant("namespaceSelector", Self.request(maps, namespace: "gone")))
        #expect(isMeant("namespaceSelector", Self.request(maps, namespace: "")))
        let namespaces = Self.form("", "v1", "namespaces")
        let relabelled = Self.request(namespaces, .update, namespace: "plain", object: labelled)
        #expect(isMeant("namespaceSelector", relabelled))
        let ending = Self.request(namespaces, .delete, namespace: "red", object: .null)
        #expect(isMeant("namespaceSelector", ending))
        #expect(isMeant("objectSelector", Self.request(maps, object: labelled)))
        #expect(isMeant("objectSelector", Self.request(maps, old: labelled)))
        #expect(!isMeant("objectSelector", Self.request(maps)))
        #expect(!isMeant("objectSelector", Self.request(maps, .delete, object: .null)))
    }

    @Test func `what is excepted is not meant`() async throws {
        let objects = try await CachedObjects(["core/namespaces": [:]])
        let labels = LabelLookup(namespaces: CachedKind("core/namespaces", objects.cache))
        let matcher = RequestMatcher(
            [:], rules: [Self.rule(["*"])], exceptions: [Self.rule(["leases"])])
        let meant = Self.request(Self.form("apps", "v1", "deployments"))
        #expect(matcher.means(meant, namespaceLabels: labels))
        let excepted = Self.request(Self.form("apps", "v1", "leases"))
        #expect(!matcher.means(excepted, namespaceLabels: labels))
    }
}

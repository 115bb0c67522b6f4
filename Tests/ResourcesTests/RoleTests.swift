import APIModel
import JSON
import Testing

@testable import Resources

@Suite struct RoleTests {
    @Test func `a rule says what may be done to what`() throws {
        let role = try json(
            #"{"metadata":{"name":"r","namespace":"n"},"rules":[{},{"verbs":["get"]}]}"#)
        #expect(
            try Kind("Role").errors(role) == [
                "rules[0].verbs: Required value: verbs must contain at least one value",
                "rules[0].apiGroups: Required value: resource rules must supply at least one "
                    + "api group",
                "rules[0].resources: Required value: resource rules must supply at least one "
                    + "resource",
                "rules[1].apiGroups: Required value: resource rules must supply at least one "
                    + "api group",
                "rules[1].resources: Required value: resource rules must supply at least one "
                    + "resource",
            ])
    }

    @Test func `paths are for cluster roles, and not together with resources`() throws {
        let rules = try json(
            #"""
            {"metadata":{"name":"r"},"rules":[{"verbs":["get"],"nonResourceURLs":["/a"],
            "resources":["pods"]}]}
            """#)
        let both = """
            rules[0].nonResourceURLs: Invalid value: ["/a"]: rules cannot apply to both regular \
            resources and non-resource URLs
            """
        #expect(try Kind("ClusterRole").errors(rules) == [both])
        #expect(
            try Kind("Role").errors(rules) == [
                """
                rules[0].nonResourceURLs: Invalid value: ["/a"]: namespaced rules cannot apply to \
                non-resource URLs
                """, both,
            ])
    }

    @Test func `an aggregated role needs selectors that can be read`() throws {
        let empty = try json(#"{"metadata":{"name":"r"},"aggregationRule":{}}"#)
        #expect(
            try Kind("ClusterRole").errors(empty) == [
                """
                aggregationRule.clusterRoleSelectors: Required value: at least one \
                clusterRoleSelector required if aggregationRule is non-nil
                """
            ])
        let bad = try json(
            #"""
            {"metadata":{"name":"r"},"aggregationRule":{"clusterRoleSelectors":[
            {"matchLabels":{"a":"b c"}}]}}
            """#)
        let errors = try Kind("ClusterRole").errors(bad)
        #expect(errors.allSatisfy { $0.hasPrefix("aggregationRule.clusterRoleSelectors[0]") })
        #expect(!errors.isEmpty)
    }

    @Test func `the groups of a reference and of subjects are filled in`() throws {
        let binding = try json(
            #"""
            {"metadata":{"name":"b","namespace":"n"},"roleRef":{"kind":"Role","name":"r"},
            "subjects":[{"kind":"User","name":"u"},{"kind":"Group","name":"g"},
            {"kind":"ServiceAccount","name":"s"}]}
            """#)
        let created = try Kind("RoleBinding").created(binding)
        #expect(created[path: "roleRef", "apiGroup"] == "rbac.authorization.k8s.io")
        let groups = created["subjects"]?.array?.map { $0["apiGroup"]?.string }
        let group = "rbac.authorization.k8s.io"
        #expect(groups == [group, group, nil])
        #expect(try Kind("RoleBinding").errors(binding) == [])
    }

    @Test func `a binding names one role and whole subjects`() throws {
        let binding = try json(
            #"""
            {"metadata":{"name":"b"},"roleRef":{"kind":"Role","name":"a/b","apiGroup":"x"},
            "subjects":[{"kind":"User"},{"kind":"Robot","name":"r"},
            {"kind":"ServiceAccount","name":"s","apiGroup":"x"}]}
            """#)
        #expect(
            try Kind("ClusterRoleBinding").errors(binding) == [
                """
                roleRef.apiGroup: Unsupported value: "x": supported values: \
                "rbac.authorization.k8s.io"
                """,
                #"roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole""#,
                #"roleRef.name: Invalid value: "a/b": may not contain '/'"#,
                "subjects[0].name: Required value",
                """
                subjects[1].kind: Unsupported value: "Robot": supported values: \
                "ServiceAccount", "User", "Group"
                """,
                #"subjects[2].apiGroup: Unsupported value: "x": supported values: """#,
                "subjects[2].namespace: Required value",
            ])
    }

    @Test func `a binding keeps to its role`() throws {
        let binding = try json(
            #"""
            {"metadata":{"name":"b","namespace":"n"},"roleRef":{"kind":"Role","name":"r"}}
            """#)
        let errors = try Kind("RoleBinding").updateErrors(binding) {
            $0["roleRef"]?["name"] = "other"
        }
        #expect(errors.count == 1)
        #expect(errors.first?.hasSuffix("cannot change roleRef") == true)
        let kept = try Kind("RoleBinding").updateErrors(binding) {
            $0["subjects"] = [["kind": "User", "name": "u"]]
        }
        #expect(kept == [])
    }
}

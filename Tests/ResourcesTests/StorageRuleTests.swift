import APIModel
import JSON
import Testing

@testable import Resources

/// What is wrong with objects that store something: every cause at once.
@Suite struct StorageRuleTests {
    static let cases: [(kind: String, object: String, errors: [String])] = [
        (
            "PersistentVolume",
            #"{"spec":{"capacity":{"storage":"0"},"accessModes":["ReadWriteOncePod","#
                + #""ReadWriteOnce"],"local":{"path":"/d"},"nfs":{"server":"s","path":"/p"}}}"#,
            [
                "spec.nfs: Forbidden: may not specify more than 1 volume type",
                "spec.capacity[storage]: Invalid value: \"0\": must be greater than zero",
                "spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes",
                "spec.nodeAffinity: Required value: Local volume requires node affinity",
            ]
        ),
        (
            "PersistentVolumeClaim",
            #"""
            {"spec":{"dataSource":{"kind":"A","name":"a"},
            "dataSourceRef":{"kind":"B","name":"a"}}}
            """#,
            [
                "spec.accessModes: Required value: at least 1 access mode is required",
                "spec.resources[storage]: Required value",
                #"spec: Invalid value: "dataSource": must match dataSourceRef"#,
            ]
        ),
        (
            "StorageClass",
            #"{"provisioner":"a/b/c","parameters":{"":"x"},"volumeBindingMode":"Later"}"#,
            [
                #"volumeBindingMode: Unsupported value: "Later": supported values: "Immediate", "#
                    + #""WaitForFirstConsumer""#,
                "provisioner: Invalid value: \"a/b/c\": a qualified name must consist of "
                    + "alphanumeric characters, '-', '_' or '.', and must start and end with an "
                    + "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex "
                    + "used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an "
                    + "optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
                #"parameters: Invalid value: "": field can not be empty."#,
            ]
        ),
        (
            "VolumeAttributesClass", #"{"driverName":"d.example"}"#,
            ["parameters: Required value: must contain at least one key/value pair"]
        ),
        (
            "VolumeAttachment", #"{"spec":{"attacher":"a.example","nodeName":"n","source":{}}}"#,
            [
                "spec.source: Required value: must specify exactly one of inlineVolumeSpec and "
                    + "persistentVolumeName"
            ]
        ),
        (
            "CSIDriver",
            #"""
            {"spec":{"tokenRequests":[{"audience":"a"},
            {"audience":"a","expirationSeconds":5}]}}
            """#,
            [
                "spec.tokenRequests[1].expirationSeconds: Invalid value: 5: must be greater than "
                    + "or equal to 600",
                "spec.tokenRequests[1].audience: Duplicate value: \"a\"",
            ]
        ),
    ]

    @Test(arguments: cases)
    func `all that is wrong is said at once`(
        kind: String, object: String, errors: [String]
    ) throws {
        let kind = try Kind(kind)
        let sent = try json(object).with { $0["metadata"] = ["name": "x"] }
        #expect(try kind.errors(sent) == errors)
    }

    @Test func `a bound claim may ask for more, and not for less than it has`() throws {
        let kind = try Kind("PersistentVolumeClaim")
        var old = try kind.created(
            try json(
                #"""
                {"metadata":{"name":"c"},"spec":{"accessModes":["ReadWriteOnce"],
                "volumeName":"v","resources":{"requests":{"storage":"2Gi"}}}}
                """#))
        old["status"] = ["phase": "Bound", "capacity": ["storage": "1Gi"]]
        func errors(_ size: String) -> [String] {
            let object = old.with {
                $0["spec"]?["resources"]?["requests"]?["storage"] = .string(size)
            }
            return kind.resource.strategy.validateUpdate(object, from: old).map(\.description)
        }
        #expect(errors("3Gi") == [])
        #expect(errors("1536Mi") == [])
        #expect(
            errors("512Mi") == [
                "spec.resources.requests.storage: Forbidden: field can not be less than "
                    + "status.capacity"
            ])
        let moved = old.with { $0["spec"]?["volumeName"] = "w" }
        #expect(
            kind.resource.strategy.validateUpdate(moved, from: old).map(\.path.description)
                == ["spec"])
    }

    @Test func `a volume's place does not change`() throws {
        let sent = try json(
            #"""
            {"metadata":{"name":"v"},"spec":{"capacity":{"storage":"1Gi"},
            "accessModes":["ReadWriteOnce"],"hostPath":{"path":"/a"}}}
            """#)
        let kind = try Kind("PersistentVolume")
        #expect(
            try kind.updateErrors(sent) { $0["spec"]?["hostPath"]?["path"] = "/b" } == [
                "spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable "
                    + "after creation"
            ])
        #expect(try kind.updateErrors(sent) { $0["spec"]?["storageClassName"] = "b" } == [])
    }
}

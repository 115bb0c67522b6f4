import APIModel
import JSON
import Testing

@testable import Resources

@Suite struct DataTests {
    static func configMap(_ members: JSONObject) -> JSONValue {
        var object = members
        object["metadata"] = ["name": "c", "namespace": "ns"]
        return .object(object)
    }

    static func secret(_ members: JSONObject) -> JSONValue { configMap(members) }

    @Test func `keys are valid and stand in one of the two maps`() throws {
        let kind = try Kind("ConfigMap")
        let object = Self.configMap(["data": ["a": "1", "..": "2"], "binaryData": ["a": "eA=="]])
        #expect(
            try kind.errors(object) == [
                "data[..]: Invalid value: \"..\": must not be '..'",
                "data[a]: Invalid value: \"a\": duplicate of key present in binaryData",
            ])
    }

    @Test func `a config map holds a mebibyte`() throws {
        let kind = try Kind("ConfigMap")
        let most = String(repeating: "x", count: Limits.dataByteCountMax)
        #expect(try kind.errors(Self.configMap(["data": ["a": .string(most)]])) == [])
        let bytes = Base64.encode(most)
        #expect(try kind.errors(Self.configMap(["binaryData": ["a": .string(bytes)]])) == [])
        #expect(
            try kind.errors(
                Self.configMap(["data": ["b": "1"], "binaryData": ["a": .string(bytes)]]))
                == ["[]: Too long: may not be more than 1048576 bytes"])
    }

    @Test(arguments: ["ConfigMap", "Secret"])
    func `what is immutable stays as it is`(kind: String) throws {
        let object = Self.configMap(["immutable": true, "data": ["a": "eA=="]])
        let kind = try Kind(kind)
        let message = "field is immutable when `immutable` is set"
        #expect(try kind.updateErrors(object) { $0["metadata"]?["labels"] = ["a": "b"] } == [])
        #expect(
            try kind.updateErrors(object) {
                $0["immutable"] = false
                $0["data"] = ["a": "eQ=="]
            } == ["immutable: Forbidden: \(message)", "data: Forbidden: \(message)"])
    }

    @Test func `text of a secret is merged into its data`() throws {
        let kind = try Kind("Secret")
        let created = try kind.created(
            Self.secret(["data": ["a": "eA==", "b": "eA=="], "stringData": ["a": "yz", "c": ""]]))
        #expect(created["data"] == ["a": "eXo=", "b": "eA==", "c": ""])
        #expect(created["stringData"] == nil)
        #expect(created["type"] == "Opaque")
    }

    @Test func `the type of a secret does not change`() throws {
        let errors = try Kind("Secret").updateErrors(Self.secret([:])) { $0["type"] = "other" }
        #expect(errors == ["type: Invalid value: \"other\": field is immutable"])
    }

    static let types: [(type: String, data: [String: String], errors: [String])] = [
        ("kubernetes.io/tls", ["tls.crt": "x"], ["data[tls.key]: Required value"]),
        ("kubernetes.io/tls", ["tls.crt": "x", "tls.key": "y"], []),
        (
            "kubernetes.io/ssh-auth", ["ssh-privatekey": ""],
            ["data[ssh-privatekey]: Required value"]
        ),
        (
            "kubernetes.io/basic-auth", [:],
            ["data[username]: Required value", "data[password]: Required value"]
        ),
        ("kubernetes.io/basic-auth", ["password": "x"], []),
        (
            "kubernetes.io/dockerconfigjson", [:],
            ["data[.dockerconfigjson]: Required value"]
        ),
        (
            "kubernetes.io/dockerconfigjson", [".dockerconfigjson": "{x"],
            [
                "data[.dockerconfigjson]: Invalid value: \"<secret contents redacted>\": invalid "
                    + "character 'x' looking for beginning of object key string"
            ]
        ),
        (
            "kubernetes.io/service-account-token", [:],
            ["metadata.annotations[kubernetes.io/service-account.name]: Required value"]
        ),
        ("anything/else", [:], []),
    ]

    @Test(arguments: types)
    func `a secret has what its type needs`(
        type: String, data: [String: String], errors: [String]
    ) throws {
        let texts = JSONObject(data.map { ($0.key, JSONValue.string($0.value)) })
        let object = Self.secret(["type": .string(type), "stringData": .object(texts)])
        #expect(try Kind("Secret").errors(object) == errors)
    }

    @Test func `a lease has a holder with a name, and a duration`() throws {
        let kind = try Kind("Lease")
        let object = Self.configMap(["spec": ["holderIdentity": "", "leaseDurationSeconds": 0]])
        #expect(
            try kind.errors(object) == [
                "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0",
                "spec.holderIdentity: Invalid value: \"\": must not be empty",
            ])
        #expect(kind.resource.strategy.createsOnUpdate)
        #expect(!kind.resource.strategy.allowsUnconditionalUpdate)
    }

    @Test(arguments: [
        ("ns", "ns", true), ("ns", "other", false), ("ns", "", false), ("default", "", true),
    ])
    func `an event is kept in the namespace of what it is about`(
        namespace: String, involved: String, isFine: Bool
    ) throws {
        let object: JSONValue = [
            "metadata": ["name": "e", "namespace": .string(namespace)],
            "involvedObject": ["kind": "Node", "namespace": .string(involved)],
        ]
        let error =
            "involvedObject.namespace: Invalid value: \"\(involved)\": does not match "
            + "event.namespace"
        #expect(try Kind("Event").errors(object) == (isFine ? [] : [error]))
    }

    @Test func `an event is shown with its source, its series and its times`() throws {
        let kind = try Kind("Event")
        let object: JSONValue = [
            "involvedObject": ["kind": "Pod", "name": "p", "fieldPath": "spec.containers{c}"],
            "source": ["component": "kubelet", "host": "node-1"],
            "firstTimestamp": "2026-01-01T11:00:00Z", "lastTimestamp": "2026-01-01T11:59:00Z",
            "count": 7,
        ]
        let columns = ["Last Seen", "First Seen", "Subobject", "Source", "Count"]
        let cells = try columns.map { try kind.cell($0, of: object) }
        #expect(cells == ["60s", "60m", "spec.containers{c}", "kubelet, node-1", 7])

        let series: JSONValue = [
            "eventTime": "2026-01-01T11:00:00.000000Z", "reportingComponent": "scheduler",
            "series": ["count": 3, "lastObservedTime": "2026-01-01T11:59:50.000000Z"],
        ]
        let newer = try columns.map { try kind.cell($0, of: series) }
        #expect(newer == ["10s", "60m", "", "scheduler", 3])
    }
}

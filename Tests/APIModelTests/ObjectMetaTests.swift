import APIModel
import JSON
import SeedTesting
import Testing

@Suite struct ObjectMetaTests {
    private let rules = ObjectMetaRules(nameFormat: .dns1123Subdomain, isNamespaced: true)
    private let good: JSONObject = ["name": "one", "namespace": "default"]

    private func meta(_ changes: JSONObject) -> ObjectMeta {
        var members = good
        for (key, value) in changes { members[key] = value }
        return ObjectMeta(members: members)
    }

    private func createErrors(_ changes: JSONObject) -> [String] {
        rules.errorsForCreate(meta(changes)).map(\.description)
    }

    @Test func `members are read, and those of a wrong type are as if absent`() {
        let meta = ObjectMeta(of: [
            "metadata": [
                "name": "n", "namespace": 1, "generation": 3, "labels": ["a": "b", "c": 1],
                "deletionTimestamp": "2026-11-22T17:06:52Z", "finalizers": ["x"],
                "ownerReferences": [["kind": "K", "name": "o", "controller": true]],
            ]
        ])
        #expect(meta.name == "n")
        #expect(meta.namespace == "")
        #expect(meta.generation == 3)
        #expect(meta.labels.map(\.key) == ["a"])
        #expect(meta.label("a") == "b")
        #expect(meta.isBeingDeleted)
        #expect(meta.deletionTimestamp?.description == "2026-11-22T17:06:52Z")
        #expect(meta.finalizers == ["x"])
        #expect(meta.ownerReferences.first?.isController == true)
        #expect(ObjectMeta(of: [:]).name == "")
    }

    @Test func `good metadata passes`() {
        #expect(
            createErrors([
                "labels": ["app": "x"], "annotations": ["Example.com/A": "any \n text"],
                "finalizers": ["example.com/f"],
                "ownerReferences": [
                    [
                        "apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u",
                        "controller": true,
                    ]
                ],
            ]) == [])
    }

    @Test func `a name is required, and checked`() {
        #expect(
            createErrors(["name": ""]) == [
                "metadata.name: Required value: name or generateName is required"
            ])
        #expect(
            createErrors(["name": "Bad_Name"])[0].hasPrefix(
                "metadata.name: Invalid value: \"Bad_Name\": a lowercase RFC 1123 subdomain"))
        #expect(createErrors(["generateName": "gen-"]) == [])
        #expect(
            createErrors(["generateName": "Gen-"])[0].hasPrefix(
                "metadata.generateName: Invalid value: \"Gen-\""))
    }

    @Test func `a namespace is required or forbidden`() {
        #expect(createErrors(["namespace": ""]) == ["metadata.namespace: Required value"])
        let cluster = ObjectMetaRules(nameFormat: .dns1123Subdomain, isNamespaced: false)
        #expect(
            cluster.errorsForCreate(meta([:])).map(\.description) == [
                "metadata.namespace: Forbidden: not allowed on this type"
            ])
    }

    @Test func `the namespace and the name agree with the request`() throws {
        try ObjectMetaRules.checkNamespace(meta([:]), ofRequest: "default")
        try ObjectMetaRules.checkNamespace(meta(["namespace": ""]), ofRequest: "x")
        let namespaceMessage =
            "the namespace of the provided object does not match the namespace sent on the request"
        #expect(throws: APIStatus.badRequest(namespaceMessage)) {
            try ObjectMetaRules.checkNamespace(meta([:]), ofRequest: "x")
        }
        let nameMessage =
            "the name of the object (one) does not match the name on the URL (two)"
        #expect(throws: APIStatus.badRequest(nameMessage)) {
            try ObjectMetaRules.checkName(meta([:]), ofRequest: "two")
        }
    }

    @Test func `labels, annotations and finalizers are checked`() {
        let labels = createErrors(["labels": ["a b": "c d"]])
        #expect(labels.count == 2)
        #expect(labels[0].hasPrefix("metadata.labels: Invalid value: \"a b\": name part"))
        #expect(labels[1].hasPrefix("metadata.labels: Invalid value: \"c d\": a valid label"))
        #expect(createErrors(["annotations": ["a b": ""]]).count == 1)
        let big = JSONValue.string(String(repeating: "x", count: 262_144))
        #expect(
            createErrors(["annotations": ["k": big]]) == [
                "metadata.annotations: Too long: may not be more than 262144 bytes"
            ])
        #expect(createErrors(["finalizers": ["a b"]]).count == 1)
        #expect(
            createErrors(["finalizers": ["orphan", "foregroundDeletion"]])[0].hasSuffix(
                "finalizer orphan and foregroundDeletion cannot be both set"))
    }

    @Test func `owner references are complete and name one controller`() {
        #expect(
            createErrors(["ownerReferences": [[:]]]) == [
                """
                metadata.ownerReferences.apiVersion: Invalid value: \"\": version must not be \
                empty
                """,
                "metadata.ownerReferences.kind: Invalid value: \"\": must not be empty",
                "metadata.ownerReferences.name: Invalid value: \"\": must not be empty",
                "metadata.ownerReferences.uid: Invalid value: \"\": must not be empty",
            ])
        let owner: JSONValue = [
            "apiVersion": "apps/v1", "kind": "A", "name": "x", "uid": "u", "controller": true,
        ]
        let errors = createErrors(["ownerReferences": [owner, owner]])
        #expect(errors.count == 1)
        #expect(
            errors[0].hasSuffix(
                "Only one reference can have Controller set to true. Found \"true\" in "
                    + "references for "
                    + "A/x and A/x"))
    }

    @Test func `an update keeps what is immutable`() {
        let old = meta([
            "uid": "u", "resourceVersion": "5", "creationTimestamp": "2026-01-01T00:00:00Z",
        ])
        func errors(_ changes: JSONObject) -> [String] {
            var members = old.members
            for (key, value) in changes { members[key] = value }
            return rules.errorsForUpdate(ObjectMeta(members: members), from: old)
                .map(\.description)
        }
        #expect(errors([:]) == [])
        #expect(errors(["creationTimestamp": "2026-01-01T01:00:00+01:00"]) == [])
        #expect(errors(["uid": "v"]) == ["metadata.uid: Invalid value: \"v\": field is immutable"])
        for member in ["name", "namespace", "creationTimestamp", "deletionTimestamp"] {
            #expect(errors([member: "other"]).count == 1, "\(member)")
        }
        #expect(errors(["deletionGracePeriodSeconds": 3]).count == 1)
        #expect(
            errors(["resourceVersion": ""]) == [
                "metadata.resourceVersion: Invalid value: 0x0: must be specified for an update"
            ])
    }

    @Test func `finalizers are not added to an object on its way out`() {
        let old = meta([
            "resourceVersion": "5", "deletionTimestamp": "2026-01-01T00:00:00Z",
            "finalizers": ["a.b/c"],
        ])
        var members = old.members
        members["finalizers"] = ["a.b/c", "a.b/d"]
        #expect(
            rules.errorsForUpdate(ObjectMeta(members: members), from: old).map(\.description) == [
                "metadata.finalizers: Forbidden: no new finalizers can be added if the "
                    + "object is being "
                    + "deleted, found new finalizers []string{\"a.b/d\"}"
            ])
    }

    @Test func `a generated name has five safe characters and fits a label`() {
        var random = SeededGenerator()
        let seed = random.seed
        let name = GeneratedName.make(base: "gen-", using: &random)
        #expect(name.hasPrefix("gen-") && name.utf8.count == 9, "seed \(seed)")
        let safe = Set("bcdfghjklmnpqrstvwxz2456789")
        #expect(name.dropFirst(4).allSatisfy(safe.contains), "seed \(seed)")
        let long = GeneratedName.make(base: String(repeating: "a", count: 100), using: &random)
        #expect(long.utf8.count == 63)
        #expect(long.hasPrefix(String(repeating: "a", count: 58)))
    }
}

@Suite struct TimestampTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-11-22T17:06:52Z", 1_795_367_212),
            ("2000-02-29T12:00:00Z", 951_825_600), ("1969-12-31T23:59:59Z", -1),
            ("9999-12-31T23:59:59Z", 253_402_300_799), ("0001-01-01T00:00:00Z", -62_135_596_800),
        ] as [(String, Int64)])
    func `moments are read and written`(text: String, seconds: Int64) {
        #expect(Timestamp(text) == Timestamp(seconds: seconds))
        #expect(Timestamp(seconds: seconds).description == text)
    }

    @Test func `fractions and offsets are understood`() {
        let moment = Timestamp("2026-11-22T18:06:52.1234567+01:00")
        #expect(moment == Timestamp(seconds: 1_795_367_212, microseconds: 123_456))
        #expect(moment?.microTime == "2026-11-22T17:06:52.123456Z")
        #expect(Timestamp(seconds: 0).microTime == "1970-01-01T00:00:00.000000Z")
        #expect(Timestamp("1970-01-01T00:00:00.5Z")?.microseconds == 500_000)
    }

    @Test(arguments: [
        "", "2026-11-22", "2026-11-22T17:06:52", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:60Z",
        "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+1:00", "2026-01-01 00:00:00Z",
        "2026-01-01T00:00:00Zx", "x026-01-01T00:00:00Z", "2026-01-01T00:00:00+24:00",
    ])
    func `what is no moment is refused`(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func `any moment of four-digit years survives being written`() {
        var random = SeededGenerator()
        let seed = random.seed
        for _ in 0..<5_000 {
            let seconds = Int64.random(in: -62_135_596_800...253_402_300_799, using: &random)
            let moment = Timestamp(
                seconds: seconds, microseconds: Int32.random(in: 0..<1_000_000, using: &random))
            #expect(Timestamp(moment.microTime) == moment, "seed \(seed): \(seconds)")
        }
    }
}

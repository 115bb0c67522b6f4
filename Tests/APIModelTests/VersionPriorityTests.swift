import APIModel
import Testing

@Suite struct VersionPriorityTests {
    @Test func `stable versions come first, newer before older`() {
        let names = [
            "foo1", "v1", "v10beta3", "v2", "v1beta1", "v11alpha2", "v10", "v12alpha1", "v3beta1",
            "v01", "v1beta", "foo10", "v11beta2",
        ]
        let sorted = names.sorted { VersionPriority($0) < VersionPriority($1) }
        #expect(
            sorted == [
                "v10", "v2", "v1", "v11beta2", "v10beta3", "v3beta1", "v1beta1", "v12alpha1",
                "v11alpha2", "foo1", "foo10", "v01", "v1beta",
            ])
    }

    @Test func `groups stand in alphabetical order`() {
        let first = GroupVersion(group: "apps", version: "v1alpha1")
        let second = GroupVersion(group: "batch", version: "v1")
        #expect(first < second)
        #expect(!(second < first))
    }

    @Test(arguments: [
        ("10.0.0.1", "10.0.0.1"), ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("0:0:0:0:0:0:0:0", "::"), ("::1", "::1"), ("fe80:0:0:0:0:0:0:0", "fe80::"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("::ffff:10.0.0.1", "::ffff:a00:1"),
    ])
    func `an address has one text`(text: String, canonical: String) {
        #expect(IPAddress(text)?.description == canonical)
    }
}

import JSON
import Testing

@testable import Access

@Suite struct BootstrapTests {
    @Test func `no role and no binding stands twice, and every binding finds its role`() {
        var places: Set<String> = []
        for object in BootstrapObject.policy {
            let place = "\(object.resource)/\(object.namespace)/\(object.name)"
            #expect(places.insert(place).inserted, "\(place)")
        }
        for object in BootstrapObject.policy {
            guard let role = object.object["roleRef"] else { continue }
            let isCluster = role["kind"] == "ClusterRole"
            let plural = isCluster ? "clusterroles" : "roles"
            let namespace = isCluster ? "" : object.namespace
            let place = "\(plural)/\(namespace)/\(role["name"]?.string ?? "")"
            #expect(places.contains(place), "\(object.name)")
        }
        #expect(places.count > 120)
    }

    @Test func `what is there is left alone`() {
        for object in BootstrapObject.policy {
            #expect(object.completing(object.object) == object.object, "\(object.name)")
            #expect(!object.needsReplacing(object.object), "\(object.name)")
        }
    }

    @Test func `a binding of another role is made anew, and subjects are added`() throws {
        let binding = try #require(
            BootstrapObject.policy.first { $0.resource == "clusterrolebindings" })
        var other = binding.object
        other["roleRef"]?["name"] = "other"
        #expect(binding.needsReplacing(other))
        var alone = binding.object
        let ann: JSONValue = ["kind": "User", "name": "ann"]
        alone["subjects"] = [ann]
        let subjects = binding.completing(alone)["subjects"]?.array ?? []
        #expect(subjects.first == ann)
        #expect(subjects.count == 2)
    }
}

import APIModel
import JSON
import Testing

@testable import Resources

/// What changes in a pod through subresources of its own.
@Suite struct PodSubresourceTests {
    private let strategy = PodStrategy()

    private func pod(_ members: String = "") throws -> JSONValue {
        try Kind("Pod").created(
            try json(
                #"""
                {"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i:1",
                "resources":{"requests":{"cpu":"1"}}}]\#(members)}}
                """#))
    }

    /// Changes the pod's container.
    private func change(_ pod: inout JSONValue, _ body: (inout JSONValue) -> Void) {
        pod.change("spec") { $0.changeEach("containers", body) }
    }

    private func written(
        _ name: String, _ old: JSONValue, _ change: (inout JSONValue) -> Void
    ) -> (pod: JSONValue, errors: [String]) {
        var sent = old
        change(&sent)
        strategy.prepare(&sent, forSubresource: name, from: old, context())
        let errors = strategy.validate(sent, forSubresource: name, from: old)
        return (sent, errors.map(\.description))
    }

    @Test func `a container is added to look into a pod, and nothing else`() throws {
        let old = try pod()
        let look: JSONValue = ["name": "look", "image": "tools:1"]
        let (made, errors) = written("ephemeralcontainers", old) {
            $0["spec"]?["ephemeralContainers"] = [look]
            $0["spec"]?["nodeName"] = "other"
        }
        #expect(errors == [])
        #expect(made == old.with { $0["spec"]?["ephemeralContainers"] = [look] })
        // Other changes of the pod are not refused for it.
        #expect(strategy.validate(made) == [])
        #expect(strategy.validateCreate(made).count == 1)
    }

    @Test
    func `such a container is neither changed nor taken away, and has no place in the pod's life`()
        throws
    {
        let old = try pod().with {
            $0["spec"]?["ephemeralContainers"] = [["name": "look", "image": "tools:1"]]
        }
        let (_, errors) = written("ephemeralcontainers", old) {
            $0["spec"]?["ephemeralContainers"] = [
                ["name": "c", "image": "tools:1", "ports": [["containerPort": 80]]]
            ]
        }
        #expect(
            errors == [
                "spec.ephemeralContainers[0].name: Duplicate value: \"c\"",
                "spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral "
                    + "Container",
                "spec.ephemeralContainers: Forbidden: existing ephemeral containers \"look\" may "
                    + "not be removed",
            ])
    }

    @Test func `a resize changes amounts of processors and memory only`() throws {
        let old = try pod()
        let (made, errors) = written("resize", old) {
            change(&$0) {
                $0["resources"] = ["requests": ["cpu": "2"]]
                $0["image"] = "other"
            }
        }
        #expect(errors == [])
        #expect(
            made
                == old.with {
                    change(&$0) { $0["resources"] = ["requests": ["cpu": "2"]] }
                })
    }

    @Test func `a resize neither takes bounds away nor makes another class of the pod`() throws {
        let (_, errors) = written("resize", try pod()) {
            change(&$0) { $0["resources"] = ["requests": ["ephemeral-storage": "1"]] }
        }
        let path = "spec.containers[0].resources.requests"
        #expect(
            errors == [
                "\(path)[cpu]: Forbidden: resource requests cannot be removed",
                "\(path)[ephemeral-storage]: Forbidden: only cpu and memory resources are mutable",
                "spec: Invalid value: \"BestEffort\": Pod QOS Class may not change as a result of "
                    + "resizing",
            ])
    }
}

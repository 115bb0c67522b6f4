import APIModel
import JSON
import Resources

/// What something asks for and what it may use at most, by resource.
struct Amounts {
    var requests: [String: Quantity] = [:]
    var limits: [String: Quantity] = [:]

    init() {}

    /// - Parameter resources: the member of that name of a container or a claim.
    init(_ resources: JSONValue) {
        requests = Self.quantities(resources.entries("requests"))
        limits = Self.quantities(resources.entries("limits"))
    }

    /// Texts that are no quantities, which validation has refused, read as nothing.
    static func quantities(_ members: JSONObject) -> [String: Quantity] {
        var quantities: [String: Quantity] = [:]
        for (resource, amount) in members {
            quantities[resource] = amount.string.flatMap { try? Quantity($0) }
        }
        return quantities
    }

    /// Both at once.
    mutating func add(_ other: Amounts) {
        requests.merge(other.requests, uniquingKeysWith: +)
        limits.merge(other.limits, uniquingKeysWith: +)
    }

    /// One after the other: of each the larger one.
    mutating func cover(_ other: Amounts) {
        requests.merge(other.requests, uniquingKeysWith: max)
        limits.merge(other.limits, uniquingKeysWith: max)
    }

    /// What a whole pod takes: its containers together, or what starts before them, if that is
    /// more. A container that starts first and goes on running is there all the time.
    init(ofPod spec: JSONValue) {
        for container in spec.list("containers") {
            add(Amounts(container["resources"] ?? .null))
        }
        var running = Amounts()
        var starting = Amounts()
        for container in spec.list("initContainers") {
            let own = Amounts(container["resources"] ?? .null)
            if container.text("restartPolicy") == "Always" {
                running.add(own)
                starting.cover(running)
            } else {
                var together = running
                together.add(own)
                starting.cover(together)
            }
        }
        add(running)
        cover(starting)
        let overhead = Self.quantities(spec.entries("overhead"))
        requests.merge(overhead, uniquingKeysWith: +)
        for (resource, amount) in overhead where limits[resource] != nil {
            limits[resource] = limits[resource].map { $0 + amount }
        }
    }
}

// Services: addresses, ports, and what depends on the type.

import APIModel
import JSON

/// The networks from which the server gives out addresses and ports.
struct ServiceNetwork: Sendable {
    /// The first two bytes of every cluster address: 10.96.0.0/16.
    let prefix: [UInt8] = [10, 96]
    /// The offsets that the server draws from. The lower ones are left to clients that choose
    /// themselves, so that the two seldom meet; the last one is the network's broadcast address.
    let drawnOffsets: Range<UInt32> = 256..<65_535
    /// The ports that may be opened on every node.
    let nodePorts: Range<UInt32> = 30_000..<32_768
    /// Those that the server draws from, for the same reason.
    let drawnNodePorts: Range<UInt32> = 30_086..<32_768

    var name: String { "\(prefix[0]).\(prefix[1]).0.0/16" }

    func contains(_ address: IPAddress) -> Bool {
        let bytes = address.bytes
        guard bytes.count == 4, bytes.prefix(2).elementsEqual(prefix) else { return false }
        let offset = UInt32(bytes[2]) << 8 | UInt32(bytes[3])
        return offset > 0 && offset < drawnOffsets.upperBound
    }

    func drawAddress(_ context: StrategyContext) -> String {
        let offset = context.random(drawnOffsets)
        return "\(prefix[0]).\(prefix[1]).\(offset >> 8).\(offset & 255)"
    }
}

struct ServiceStrategy: Strategy {
    let network = ServiceNetwork()

    var createsOnUpdate: Bool { true }
    var deletionAnswersWithObject: Bool { true }

    func applyDefaults(to object: inout JSONValue) {
        object.change("spec", ServiceDefaults.apply)
    }

    func prepareForCreate(_ object: inout JSONValue, _ context: StrategyContext) {
        object.put("status", ["loadBalancer": [:]])
        object.change("spec") { spec in
            ServiceAllocation(network: network, context: context).complete(&spec)
        }
    }

    func prepareForUpdate(
        _ object: inout JSONValue, from old: JSONValue, _ context: StrategyContext
    ) {
        let before = old["spec"] ?? .null
        object.change("spec") { spec in
            ServiceTransition.keepAllotted(&spec, from: before)
            ServiceTransition.dropLeftovers(&spec, from: before)
            ServiceAllocation(network: network, context: context).complete(&spec)
        }
    }

    func validate(_ object: JSONValue) -> [FieldError] {
        ServiceRules(spec: object["spec"] ?? .null, network: network).errors
    }

    func validateUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError] {
        ServiceTransition.errors(object["spec"] ?? .null, from: old["spec"] ?? .null)
    }

    func claims(of object: JSONValue, sent: JSONValue) -> [Claim] {
        ServiceClaims.claims(of: object["spec"] ?? .null, sent: sent["spec"] ?? .null)
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        switch name {
        case "serviceClusterIP": ServiceCells.clusterIP(object)
        case "serviceExternalIP": ServiceCells.externalIP(object)
        case "servicePorts": ServiceCells.ports(object)
        case "mapSelector": CommonCells.labels(object[path: "spec", "selector"])
        default: nil
        }
    }
}

/// What a Service's type and other members say about its needs.
package struct ServiceNeeds {
    package let type: String
    let isHeadless: Bool
    let clusterIP: Bool
    package let nodePorts: Bool
    /// A port on which load balancers ask nodes for their health.
    let healthCheckPort: Bool
    let isReachedFromOutside: Bool

    package init(of spec: JSONValue) {
        let type = spec["type"]?.string ?? "ClusterIP"
        self.type = type
        isHeadless = spec.text("clusterIP") == "None"
        clusterIP = type != "ExternalName"
        let opensNodePorts = spec["allocateLoadBalancerNodePorts"]?.bool ?? true
        nodePorts = type == "NodePort" || type == "LoadBalancer" && opensNodePorts
        healthCheckPort = type == "LoadBalancer" && spec.text("externalTrafficPolicy") == "Local"
        isReachedFromOutside =
            type == "NodePort" || type == "LoadBalancer"
            || type == "ClusterIP" && spec.isFilled("externalIPs")
    }
}

enum ServiceDefaults {
    /// How long a client stays with one pod: three hours (API convention).
    private static let affinitySeconds: Int64 = 10_800

    static func apply(_ spec: inout JSONValue) {
        let needs = ServiceNeeds(of: spec)
        spec.changeEach("ports") { port in
            port.fill("protocol", "TCP")
            // Zero and no text say that it is left open.
            for member in ["targetPort", "nodePort"] where port[member] == 0 || port[member] == "" {
                port.put(member, nil)
            }
            if let number = port["port"] { port.fill("targetPort", number) }
        }
        if spec.text("sessionAffinity") == "ClientIP" {
            spec.changeOrAdd("sessionAffinityConfig") { config in
                config.changeOrAdd("clientIP") { $0.fill("timeoutSeconds", .int(affinitySeconds)) }
            }
        } else {
            spec.put("sessionAffinityConfig", nil)
        }
        if needs.isReachedFromOutside { spec.fill("externalTrafficPolicy", "Cluster") }
        if needs.type == "LoadBalancer" { spec.fill("allocateLoadBalancerNodePorts", true) }
        // An alias in DNS has no traffic of its own.
        if needs.type == "ExternalName" { spec.put("internalTrafficPolicy", nil) }
        if spec.text("clusterIP").isEmpty { spec.put("clusterIP", nil) }
    }
}

/// Fills in what the server gives out.
struct ServiceAllocation {
    let network: ServiceNetwork
    let context: StrategyContext

    func complete(_ spec: inout JSONValue) {
        let needs = ServiceNeeds(of: spec)
        if needs.clusterIP {
            // Several addresses without a first one are a mistake that validation names.
            if !spec.isFilled("clusterIP"), !spec.isFilled("clusterIPs") {
                spec.put("clusterIP", .string(network.drawAddress(context)))
            }
            if !spec.isFilled("clusterIPs"), let address = spec["clusterIP"] {
                spec.put("clusterIPs", [address])
            }
            if !spec.isFilled("ipFamilies") { spec.put("ipFamilies", ["IPv4"]) }
            spec.fill("ipFamilyPolicy", "SingleStack")
        }
        if needs.nodePorts { openNodePorts(&spec) }
        if needs.healthCheckPort, (spec["healthCheckNodePort"]?.int ?? 0) == 0 {
            spec.put("healthCheckNodePort", .int(Int64(draw(used(in: spec)))))
        }
    }

    private func openNodePorts(_ spec: inout JSONValue) {
        var used = used(in: spec)
        var byPort: [Int64: Int64] = [:]
        spec.changeEach("ports") { port in
            guard !port.has("nodePort"), let number = port["port"]?.int else { return }
            // One port with two protocols is the same port on the nodes too.
            let drawn = byPort[number] ?? Int64(draw(used))
            used.insert(drawn)
            byPort[number] = drawn
            port.put("nodePort", .int(drawn))
        }
    }

    private func used(in spec: JSONValue) -> Set<Int64> {
        let ports = spec.list("ports").compactMap { $0["nodePort"]?.int }
        return Set(ports + [spec["healthCheckNodePort"]?.int].compactMap(\.self))
    }

    private func draw(_ used: Set<Int64>) -> UInt32 {
        var port = context.random(network.drawnNodePorts)
        for _ in 0..<Limits.portDrawCountMax where used.contains(Int64(port)) {
            port = context.random(network.drawnNodePorts)
        }
        return port
    }
}

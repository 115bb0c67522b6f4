// What stays and what goes when a Service changes.

import APIModel
import JSON

enum ServiceTransition {
    /// Keeps what the server gave out where the client left it out.
    static func keepAllotted(_ spec: inout JSONValue, from old: JSONValue) {
        let (needs, before) = (ServiceNeeds(of: spec), ServiceNeeds(of: old))
        if needs.clusterIP, before.clusterIP {
            if !spec.isFilled("clusterIP") {
                if !spec.isFilled("clusterIPs") || spec["clusterIPs"] == old["clusterIPs"] {
                    spec.take("clusterIP", from: old)
                    spec.take("clusterIPs", from: old)
                }
            } else if spec["clusterIP"] == old["clusterIP"] {
                if !spec.isFilled("clusterIPs") { spec.take("clusterIPs", from: old) }
            } else if spec["clusterIPs"] == old["clusterIPs"] {
                // Only the single form was changed.
                spec.put("clusterIPs", nil)
            }
            for member in ["ipFamilies", "ipFamilyPolicy"] where !spec.isFilled(member) {
                spec.take(member, from: old)
            }
        }
        if needs.nodePorts, before.nodePorts { keepNodePorts(&spec, from: old) }
        if needs.healthCheckPort, before.healthCheckPort,
            (spec["healthCheckNodePort"]?.int ?? 0) == 0
        {
            spec.take("healthCheckNodePort", from: old)
        }
    }

    private static func keepNodePorts(_ spec: inout JSONValue, from old: JSONValue) {
        var allotted: [String: JSONValue] = [:]
        for port in old.list("ports") { allotted[key(port)] = port["nodePort"] }
        let taken = Set(spec.list("ports").compactMap { $0["nodePort"]?.int })
        spec.changeEach("ports") { port in
            guard !port.has("nodePort"), let number = allotted[key(port)] else { return }
            if let int = number.int, taken.contains(int) { return }
            port.put("nodePort", number)
        }
    }

    private static func key(_ port: JSONValue) -> String {
        "\(port.text("protocol"))/\(port["port"]?.int ?? 0)"
    }

    /// Drops what the old type had and the new one cannot have, unless the client changed it: then
    /// validation says so.
    static func dropLeftovers(_ spec: inout JSONValue, from old: JSONValue) {
        let (needs, before) = (ServiceNeeds(of: spec), ServiceNeeds(of: old))
        if before.clusterIP, !needs.clusterIP {
            drop(["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"], &spec, old)
        }
        if before.nodePorts, !needs.nodePorts {
            let numbers = Set(old.list("ports").compactMap { $0["nodePort"]?.int })
            spec.changeEach("ports") { port in
                if let number = port["nodePort"]?.int, numbers.contains(number) {
                    port.put("nodePort", nil)
                }
            }
        }
        if before.healthCheckPort, !needs.healthCheckPort {
            drop(["healthCheckNodePort"], &spec, old)
        }
        if before.type == "LoadBalancer", needs.type != "LoadBalancer" {
            drop(["allocateLoadBalancerNodePorts", "loadBalancerClass"], &spec, old)
        }
        if before.isReachedFromOutside, !needs.isReachedFromOutside {
            drop(["externalTrafficPolicy"], &spec, old)
        }
    }

    private static func drop(_ members: [String], _ spec: inout JSONValue, _ old: JSONValue) {
        for member in members where spec[member] == old[member] { spec.put(member, nil) }
    }

    static func errors(_ spec: JSONValue, from old: JSONValue) -> [FieldError] {
        let (needs, before) = (ServiceNeeds(of: spec), ServiceNeeds(of: old))
        var errors: [FieldError] = []
        let path = FieldPath("spec")
        if needs.clusterIP, before.clusterIP, let first = old.list("clusterIPs").first,
            spec.list("clusterIPs").first != first
        {
            errors.append(
                .invalid(
                    path.child("clusterIPs").index(0), spec["clusterIPs"] ?? [],
                    "may not change once set"))
        }
        if needs.type == "LoadBalancer", before.type == "LoadBalancer",
            !JSONValue.same(spec["loadBalancerClass"], old["loadBalancerClass"])
        {
            errors.append(
                .invalid(
                    path.child("loadBalancerClass"), spec["loadBalancerClass"] ?? .null,
                    "may not change once set"))
        }
        return errors
    }
}

// What makes a Service invalid beyond its schema.

import APIModel
import JSON

struct ServiceRules {
    let spec: JSONValue
    let network: ServiceNetwork
    let needs: ServiceNeeds
    private let path = FieldPath("spec")

    init(spec: JSONValue, network: ServiceNetwork) {
        self.spec = spec
        self.network = network
        needs = ServiceNeeds(of: spec)
    }

    var errors: [FieldError] {
        var errors: [FieldError] = []
        if !spec.isFilled("ports"), !needs.isHeadless, needs.type != "ExternalName" {
            errors.append(.required(path.child("ports")))
        }
        errors +=
            ServicePortRules(
                ports: spec.list("ports"), needs: needs, network: network
            ).errors
        errors += typeErrors + addressErrors + familyErrors + outsideErrors
        return errors
    }

    private var typeErrors: [FieldError] {
        switch needs.type {
        case "ExternalName": externalNameErrors
        case "NodePort", "LoadBalancer":
            needs.isHeadless
                ? [
                    .invalid(
                        path.child("clusterIPs").index(0), "None",
                        "may not be set to 'None' for \(needs.type) services")
                ] : []
        default: []
        }
    }

    private var externalNameErrors: [FieldError] {
        var errors: [FieldError] = []
        for member in ["clusterIP", "clusterIPs"] where spec.isFilled(member) {
            errors.append(
                .forbidden(path.child(member), "may not be set when `type` is 'ExternalName'"))
        }
        let path = path.child("externalName")
        let name = spec.text("externalName")
        if name.isEmpty { return errors + [.required(path)] }
        // A dot at the end says that the name is complete.
        let checked = name.hasSuffix(".") ? String(name.dropLast()) : name
        return errors
            + ValueFormat.dns1123Subdomain.check(checked).map {
                .invalid(path, .string(name), $0)
            }
    }

    private var addressErrors: [FieldError] {
        guard needs.clusterIP else { return [] }
        let path = path.child("clusterIPs")
        let addresses = spec.list("clusterIPs")
        if !addresses.isEmpty, !spec.isFilled("clusterIP") {
            return [
                .invalid(
                    path, .array(addresses), "must be empty when `clusterIP` is not specified")
            ]
        }
        var errors: [FieldError] = []
        if let first = addresses.first, first != spec["clusterIP"] {
            errors.append(
                .invalid(path, .array(addresses), "first value must match `clusterIP`"))
        }
        if addresses.count > 1 {
            errors.append(
                .invalid(
                    path, .array(addresses), "this cluster has addresses of one IP family only"))
        }
        return errors + addresses.enumerated().flatMap { addressErrors($1, path.index($0)) }
    }

    private func addressErrors(_ value: JSONValue, _ path: FieldPath) -> [FieldError] {
        let text = value.string ?? ""
        if text == "None" { return [] }
        let problems = ValueFormat.ip.check(text)
        if !problems.isEmpty { return problems.map { .invalid(path, value, $0) } }
        guard let address = IPAddress(text), !network.contains(address) else { return [] }
        return [
            .invalid(
                self.path.child("clusterIPs"), spec["clusterIPs"],
                "failed to allocate IP \(text): the provided IP (\(text)) is not in the valid "
                    + "range. "
                    + "The range of valid IPs is \(network.name)")
        ]
    }

    private var familyErrors: [FieldError] {
        var errors: [FieldError] = []
        let families = spec.list("ipFamilies")
        for (index, family) in families.enumerated() where family == "IPv6" {
            errors.append(
                .invalid(
                    path.child("ipFamilies").index(index), family,
                    "not configured on this cluster"))
        }
        if spec.text("ipFamilyPolicy") == "RequireDualStack" {
            errors.append(
                .invalid(
                    path.child("ipFamilyPolicy"), "RequireDualStack",
                    "this cluster is not configured for dual-stack services"))
        }
        return errors
    }

    private var outsideErrors: [FieldError] {
        var errors: [FieldError] = []
        if !needs.isReachedFromOutside, let policy = spec["externalTrafficPolicy"], !policy.isNull {
            errors.append(
                .invalid(
                    path.child("externalTrafficPolicy"), policy,
                    "may only be set for externally-accessible services"))
        }
        if needs.type != "LoadBalancer" {
            let members = [
                "allocateLoadBalancerNodePorts", "loadBalancerClass", "loadBalancerSourceRanges",
            ]
            for member in members where spec.has(member) && spec[member] != [] {
                errors.append(
                    .forbidden(
                        path.child(member), "may only be used when `type` is 'LoadBalancer'"))
            }
        }
        if !needs.healthCheckPort, let port = spec["healthCheckNodePort"]?.int, port != 0 {
            errors.append(
                .invalid(
                    path.child("healthCheckNodePort"), .int(port),
                    "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` "
                        + "is 'Local'"
                ))
        }
        for (index, address) in spec.list("externalIPs").enumerated() {
            errors += SpecialAddress.errors(address, path.child("externalIPs").index(index))
        }
        return errors
    }
}

/// Rules of the ports of a Service.
struct ServicePortRules {
    let ports: [JSONValue]
    let needs: ServiceNeeds
    let network: ServiceNetwork
    private let path = FieldPath("spec", "ports")

    init(ports: [JSONValue], needs: ServiceNeeds, network: ServiceNetwork) {
        self.ports = ports
        self.needs = needs
        self.network = network
    }

    var errors: [FieldError] {
        var errors: [FieldError] = []
        var names: Set<String> = []
        var nodePorts: Set<String> = []
        for (index, port) in ports.enumerated() {
            let path = path.index(index)
            let name = port.text("name")
            if name.isEmpty {
                if ports.count > 1 { errors.append(.required(path.child("name"))) }
            } else if !names.insert(name).inserted {
                errors.append(.duplicate(path.child("name"), .string(name)))
            }
            guard let number = port["nodePort"]?.int, number != 0 else { continue }
            errors += nodePortErrors(number, path.child("nodePort"))
            if !nodePorts.insert("\(port.text("protocol"))/\(number)").inserted {
                errors.append(.duplicate(path.child("nodePort"), .int(number)))
            }
        }
        return errors
    }

    private func nodePortErrors(_ number: Int64, _ path: FieldPath) -> [FieldError] {
        if needs.type == "ClusterIP" || needs.type == "ExternalName" {
            return [.forbidden(path, "may not be used when `type` is '\(needs.type)'")]
        }
        let range = network.nodePorts
        if Int64(range.lowerBound) <= number, number < Int64(range.upperBound) { return [] }
        return [
            .invalid(
                path, .int(number),
                "provided port is not in the valid range. The range of valid ports is "
                    + "\(range.lowerBound)-\(range.upperBound - 1)")
        ]
    }
}

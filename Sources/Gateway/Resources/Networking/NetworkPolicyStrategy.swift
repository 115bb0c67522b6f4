// NetworkPolicies: which connections pods may have.

import APIModel
import JSON

struct NetworkPolicyStrategy: Strategy {
    /// What a policy says nothing about, it does not restrict; of what comes in, it always says
    /// something.
    func applyDefaults(to object: inout JSONValue) {
        object.change("spec") { spec in
            guard !spec.isFilled("policyTypes") else { return }
            spec.put("policyTypes", spec.isFilled("egress") ? ["Ingress", "Egress"] : ["Ingress"])
        }
    }

    func validate(_ object: JSONValue) -> [FieldError] {
        let (spec, path) = (object["spec"] ?? .null, FieldPath("spec"))
        var errors = selectorErrors(spec, "podSelector", path)
        for (list, peers) in [("ingress", "from"), ("egress", "to")] {
            for (index, rule) in spec.list(list).enumerated() {
                errors += ruleErrors(rule, peers, path.child(list).index(index))
            }
        }
        return errors
    }

    private func selectorErrors(
        _ value: JSONValue, _ member: String, _ path: FieldPath
    ) -> [FieldError] {
        guard let selector = value[member], !selector.isNull else { return [] }
        return LabelSelector.errors(inObject: selector, at: path.child(member))
    }

    private func ruleErrors(
        _ rule: JSONValue, _ peers: String, _ path: FieldPath
    ) -> [FieldError] {
        let ports = rule.list("ports").enumerated().flatMap { index, port in
            portErrors(port, path.child("ports").index(index))
        }
        let others = rule.list(peers).enumerated().flatMap { index, peer in
            peerErrors(peer, path.child(peers).index(index))
        }
        return ports + others
    }

    private func portErrors(_ port: JSONValue, _ path: FieldPath) -> [FieldError] {
        guard let end = port["endPort"]?.int else { return [] }
        let place = path.child("endPort")
        guard let first = port["port"] else {
            return [.required(place, "may not be specified when `port` is not specified")]
        }
        guard let number = first.int else {
            return [
                .invalid(place, .int(end), "may not be specified when `port` is non-numeric")
            ]
        }
        if end < number {
            return [.invalid(place, .int(end), "must be greater than or equal to `port`")]
        }
        return end <= 65535
            ? [] : [.invalid(place, .int(end), "must be between 1 and 65535, inclusive")]
    }

    private func peerErrors(_ peer: JSONValue, _ path: FieldPath) -> [FieldError] {
        let hasSelector = peer.has("podSelector") || peer.has("namespaceSelector")
        guard let block = peer["ipBlock"], !block.isNull else {
            if !hasSelector { return [.required(path, "must specify a peer")] }
            return selectorErrors(peer, "podSelector", path)
                + selectorErrors(peer, "namespaceSelector", path)
        }
        let place = path.child("ipBlock")
        if hasSelector {
            return [
                .forbidden(path, "may not specify both ipBlock and another peer")
            ]
        }
        guard let network = IPNetwork(block.text("cidr")) else { return [] }
        return block.list("except").enumerated().compactMap { index, value in
            guard let hole = value.string.flatMap({ IPNetwork($0) }) else { return nil }
            guard !network.holds(hole) else { return nil }
            return .invalid(
                place.child("except").index(index), value,
                "must be a strict subset of `cidr`")
        }
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        name == "policyPodSelector" ? Workload.selector(object[path: "spec", "podSelector"]) : nil
    }
}

/// A network of IP: an address and the number of its leading bits that count.
struct IPNetwork {
    let address: IPAddress
    let length: Int

    init?(_ text: String) {
        guard ValueFormat.cidr.isValid(text) else { return nil }
        let parts = text.split(separator: "/")
        guard let address = IPAddress(String(parts[0])), let length = Int(parts[1]) else {
            return nil
        }
        self.address = address
        self.length = length
    }

    /// Whether `other` is a part of this network, and not all of it.
    func holds(_ other: IPNetwork) -> Bool {
        guard address.isIPv4 == other.address.isIPv4, length < other.length else { return false }
        return (0..<length).allSatisfy { bit(address, $0) == bit(other.address, $0) }
    }

    /// Whether the bits that do not count are zero.
    var isCanonical: Bool {
        (length..<address.bytes.count * 8).allSatisfy { bit(address, $0) == 0 }
    }

    private func bit(_ address: IPAddress, _ index: Int) -> UInt8 {
        address.bytes[index / 8] >> (7 - UInt8(index % 8)) & 1
    }
}

// What a Service holds alone in the cluster: its addresses, and its ports on the nodes.

import APIModel
import JSON

enum ServiceClaims {
    /// Values that stand in `sent` already were the client's choice.
    static func claims(of spec: JSONValue, sent: JSONValue) -> [Claim] {
        let needs = ServiceNeeds(of: spec)
        var claims: [Claim] = []
        if needs.clusterIP { claims += addressClaims(spec, sent) }
        if needs.nodePorts { claims += portClaims(spec, sent) }
        if needs.healthCheckPort, let port = spec["healthCheckNodePort"], let number = port.int {
            let isChosen = sent["healthCheckNodePort"] == port
            claims.append(
                Claim(
                    name: "nodeports/tcp/\(number)",
                    refusal: isChosen
                        ? portRefusal(FieldPath("spec", "healthCheckNodePort"), port) : nil))
        }
        return claims
    }

    private static func addressClaims(_ spec: JSONValue, _ sent: JSONValue) -> [Claim] {
        let addresses = spec.list("clusterIPs")
        let chosen = [sent["clusterIP"]].compactMap(\.self) + sent.list("clusterIPs")
        return addresses.compactMap { value in
            guard let address = value.string, !address.isEmpty, address != "None" else {
                return nil
            }
            let refusal = FieldError.invalid(
                FieldPath("spec", "clusterIPs"), .array(addresses),
                "failed to allocate IP \(address): provided IP is already allocated")
            return Claim(
                name: "clusterips/\(address)", refusal: chosen.contains(value) ? refusal : nil)
        }
    }

    private static func portClaims(_ spec: JSONValue, _ sent: JSONValue) -> [Claim] {
        let chosen = Set(sent.list("ports").compactMap { $0["nodePort"]?.int })
        return spec.list("ports").enumerated().compactMap { index, port in
            guard let number = port["nodePort"]?.int, number != 0 else { return nil }
            let network = port["protocol"]?.string?.lowercased() ?? "tcp"
            let path = FieldPath("spec", "ports").index(index).child("nodePort")
            return Claim(
                name: "nodeports/\(network)/\(number)",
                refusal: chosen.contains(number) ? portRefusal(path, .int(number)) : nil)
        }
    }

    private static func portRefusal(_ path: FieldPath, _ port: JSONValue) -> FieldError {
        .invalid(path, port, "provided port is already allocated")
    }
}

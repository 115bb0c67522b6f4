// EndpointSlices: some of the endpoints of a Service.

import APIModel
import JSON

struct EndpointSliceStrategy: Strategy {
    func validate(_ object: JSONValue) -> [FieldError] {
        let type = object.text("addressType")
        let endpoints = object.list("endpoints").enumerated().flatMap { index, endpoint in
            errors(in: endpoint, type, FieldPath("endpoints").index(index))
        }
        return endpoints + portErrors(object.list("ports"))
    }

    private func errors(
        in endpoint: JSONValue, _ type: String, _ path: FieldPath
    ) -> [FieldError] {
        var errors = endpoint.list("addresses").enumerated().flatMap { index, address in
            addressErrors(address, type, path.child("addresses").index(index))
        }
        let topology = endpoint.entries("deprecatedTopology")
        let place = path.child("deprecatedTopology")
        if topology.count > Limits.endpointTopologyCountMax {
            errors.append(
                .tooMany(
                    place, count: topology.count, countMax: Limits.endpointTopologyCountMax))
        }
        for label in ["kubernetes.io/hostname", "topology.kubernetes.io/zone"]
        where topology.contains(label) {
            errors.append(
                .invalid(
                    place.key(label), topology[label],
                    label.hasSuffix("zone")
                        ? "use endpoint.zone instead"
                        : "use endpoint.nodeName instead"))
        }
        return errors + zoneErrors(endpoint["hints"]?.list("forZones") ?? [], path.child("hints"))
    }

    private func zoneErrors(_ zones: [JSONValue], _ path: FieldPath) -> [FieldError] {
        var seen: Set<String> = []
        return zones.enumerated().compactMap { index, zone in
            seen.insert(zone.text("name")).inserted
                ? nil
                : .duplicate(path.child("forZones").index(index).child("name"), zone["name"])
        }
    }

    private func addressErrors(
        _ value: JSONValue, _ type: String, _ path: FieldPath
    ) -> [FieldError] {
        let text = value.string ?? ""
        switch type {
        case "IPv4", "IPv6":
            guard let address = IPAddress(text), address.isIPv4 == (type == "IPv4") else {
                return [
                    .invalid(path, value, "must be a valid \(type) address")
                ]
            }
            return SpecialAddress.errors(value, path)
        case "FQDN":
            let name = text.hasSuffix(".") ? String(text.dropLast()) : text
            if name.split(separator: ".").count < 2 {
                return [
                    .invalid(
                        path, value,
                        "should be a domain with at least two segments separated by dots")
                ]
            }
            return ValueFormat.dns1123Subdomain.check(name).map { .invalid(path, value, $0) }
        default: return []
        }
    }

    private func portErrors(_ ports: [JSONValue]) -> [FieldError] {
        var names: Set<String> = []
        return ports.enumerated().flatMap { index, port -> [FieldError] in
            let path = FieldPath("ports").index(index)
            let name = port.text("name")
            if !names.insert(name).inserted {
                return [.duplicate(path.child("name"), .string(name))]
            }
            return name.isEmpty
                ? []
                : ValueFormat.dns1123Label.check(name).map {
                    .invalid(path.child("name"), .string(name), $0)
                }
        }
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        switch name {
        case "slicePorts":
            let ports = object.list("ports")
            if ports.isEmpty { return CommonCells.unset }
            return CommonCells.shortened(
                ports.map { $0["port"]?.int.map { "\($0)" } ?? "*" })
        case "sliceEndpoints":
            let addresses = object.list("endpoints").flatMap { $0.list("addresses") }
            if addresses.isEmpty { return CommonCells.unset }
            return CommonCells.shortened(addresses.compactMap(\.string))
        default: return nil
        }
    }
}

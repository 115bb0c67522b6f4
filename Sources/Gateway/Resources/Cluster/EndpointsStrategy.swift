// Endpoints: addresses and ports of a Service.

import APIModel
import JSON

struct EndpointsStrategy: Strategy {
    var createsOnUpdate: Bool { true }

    func validate(_ object: JSONValue) -> [FieldError] {
        object.list("subsets").enumerated().flatMap { index, subset in
            errors(inSubset: subset, FieldPath("subsets").index(index))
        }
    }

    private func errors(inSubset subset: JSONValue, _ path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        if !subset.isFilled("addresses"), !subset.isFilled("notReadyAddresses") {
            errors.append(.required(path, "must specify `addresses` or `notReadyAddresses`"))
        }
        for member in ["addresses", "notReadyAddresses"] {
            for (index, address) in subset.list(member).enumerated() {
                let path = path.child(member).index(index).child("ip")
                errors += address["ip"].map { SpecialAddress.errors($0, path) } ?? []
            }
        }
        let ports = subset.list("ports")
        for (index, port) in ports.enumerated() where ports.count > 1 && port.text("name").isEmpty {
            errors.append(.required(path.child("ports").index(index).child("name")))
        }
        return errors
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        name == "endpointAddresses" ? Self.shown(object) : nil
    }

    private static func shown(_ object: JSONValue) -> JSONValue {
        let all = object.list("subsets").flatMap(endpoints)
        guard all.count > Limits.shownEndpointCountMax else { return CommonCells.listed(all) }
        let first = all.prefix(Limits.shownEndpointCountMax).joined(separator: ",")
        return .string("\(first) + \(all.count - Limits.shownEndpointCountMax) more...")
    }

    /// Each ready address with each port; alone when there are no ports.
    private static func endpoints(_ subset: JSONValue) -> [String] {
        let addresses = subset.list("addresses").map { $0.text("ip") }
        let ports = subset.list("ports")
        if ports.isEmpty { return addresses }
        return ports.flatMap { port in
            addresses.map { address in
                let host = address.utf8.contains(UInt8(ascii: ":")) ? "[\(address)]" : address
                return "\(host):\(port["port"]?.int ?? 0)"
            }
        }
    }
}

/// Addresses at which no other machine can be reached.
enum SpecialAddress {
    /// Nothing is said about text that is no address: its format is the schema's matter.
    static func errors(_ value: JSONValue, _ path: FieldPath) -> [FieldError] {
        guard let address = value.string.flatMap({ IPAddress($0) }) else { return [] }
        return problems(address.bytes).map { .invalid(path, value, $0) }
    }

    private static func problems(_ bytes: [UInt8]) -> [String] {
        var problems: [String] = []
        let isIPv4 = bytes.count == 4
        if bytes.allSatisfy({ $0 == 0 }) { problems.append("may not be unspecified") }
        if isIPv4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy({ $0 == 0 }) && bytes[15] == 1 {
            problems.append("may not be in the loopback range (127.0.0.0/8, ::1/128)")
        }
        if isIPv4 ? bytes[0] == 169 && bytes[1] == 254 : bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80
        {
            problems.append("may not be in the link-local range (169.254.0.0/16, fe80::/10)")
        }
        if isIPv4
            ? bytes[0] == 224 && bytes[1] == 0 && bytes[2] == 0
            : bytes[0] == 0xFF && bytes[1] & 0x0F == 2
        {
            problems.append(
                "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")
        }
        return problems
    }
}

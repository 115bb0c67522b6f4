// Addresses of Services, and the ranges that they come from.

import APIModel
import JSON

struct AddressStrategy: Strategy {
    /// An address has one name.
    func validate(_ object: JSONValue) -> [FieldError] {
        let name = ObjectMeta(of: object).name
        let path = FieldPath("metadata", "name")
        guard let address = IPAddress(name) else {
            return [.invalid(path, .string(name), "must be a valid IP address")]
        }
        let canonical = address.description
        return canonical == name
            ? []
            : [.invalid(path, .string(name), "must be in canonical form (\(canonical.quoted))")]
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        guard name == "addressParent" else { return nil }
        guard let parent = object[path: "spec", "parentRef"], !parent.isNull else {
            return CommonCells.none
        }
        let resource = GroupResource(
            group: parent.text("group"), resource: parent.text("resource"))
        let parts = [resource.description, parent.text("namespace"), parent.text("name")]
        return .string(parts.filter { !$0.isEmpty }.joined(separator: "/"))
    }
}

struct AddressRangeStrategy: Strategy {
    func validate(_ object: JSONValue) -> [FieldError] {
        let path = FieldPath("spec", "cidrs")
        let values = object["spec"]?.list("cidrs") ?? []
        let networks = values.compactMap { $0.string.flatMap { IPNetwork($0) } }
        // What is no network is the schema's matter.
        guard networks.count == values.count else { return [] }
        var errors: [FieldError] = []
        for (index, network) in networks.enumerated() where !network.isCanonical {
            errors.append(
                .invalid(
                    path.index(index), values[index],
                    "must not have bits set beyond the prefix length"))
        }
        if networks.count == 2, networks[0].address.isIPv4 == networks[1].address.isIPv4 {
            errors.append(
                .invalid(
                    path, .array(values),
                    "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and "
                        + "2001:db8::/64"))
        }
        return errors
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        guard name == "serviceNetworks" else { return nil }
        let networks = object["spec"]?.list("cidrs").compactMap(\.string) ?? []
        return .string(networks.joined(separator: ","))
    }
}

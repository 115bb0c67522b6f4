import JSON

/// Gives schemas short titles, by which generators name their types: `ConfigMap` for
/// `io.k8s.api.core.v1.ConfigMap`. A short name that two schemas would share is given to neither,
/// nor one that generators make up for a member: the map `capacity` of `Device` is
/// `DeviceCapacity`.
enum SchemaTitles {
    static func add(to schemas: inout JSONObject) {
        var counts: [String: Int] = [:]
        for (name, schema) in schemas {
            let title = title(of: name)
            counts[title, default: 0] += 1
            for member in mapNames(of: schema) { counts[title + member, default: 0] += 1 }
        }
        schemas.updateValues { name, schema in
            let title = title(of: name)
            guard counts[title] == 1, var titled = schema.object else { return }
            titled["title"] = .string(title)
            schema = .object(titled)
        }
    }

    /// The members that are described in place as objects, each beginning with a capital.
    private static func mapNames(of schema: JSONValue) -> [String] {
        guard let properties = schema["properties"]?.object else { return [] }
        return properties.compactMap { name, property in
            property["type"]?.string == "object"
                ? name.prefix(1).uppercased() + name.dropFirst() : nil
        }
    }

    private static func title(of name: String) -> String {
        String(name.split(separator: ".").last ?? Substring(name))
    }
}

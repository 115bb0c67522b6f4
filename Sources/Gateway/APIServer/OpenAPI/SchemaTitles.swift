import JSON

/// Gives schemas short titles, by which generators name their types: `ConfigMap` for
/// `io.k8s.api.core.v1.ConfigMap`. A short name that two schemas would share is given to neither.
enum SchemaTitles {
    static func add(to schemas: inout JSONObject) {
        var counts: [Substring: Int] = [:]
        for (name, _) in schemas { counts[title(of: name), default: 0] += 1 }
        schemas.updateValues { name, schema in
            let title = title(of: name)
            guard counts[title] == 1, var titled = schema.object else { return }
            titled["title"] = .string(String(title))
            schema = .object(titled)
        }
    }

    private static func title(of name: String) -> Substring {
        name.split(separator: ".").last ?? Substring(name)
    }
}

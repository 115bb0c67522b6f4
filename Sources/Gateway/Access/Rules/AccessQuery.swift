/// A request, prepared for being looked up in many tables.
struct AccessQuery: Sendable {
    enum Target: Sendable {
        /// Every entry that would allow it.
        case resource(keys: ContiguousArray<ResourceKey>, name: String)
        case path(String)
    }

    let verb: Verb
    let target: Target

    init(_ attributes: AccessAttributes) {
        verb = Verb(attributes.verb)
        switch attributes.subject {
        case .path(let path): target = .path(path)
        case .resource(let group, _, let resource, let subresource, _, let name):
            target = .resource(keys: Self.keys(group, resource, subresource), name: name)
        }
    }

    private static func keys(
        _ group: String, _ resource: String, _ subresource: String
    ) -> ContiguousArray<ResourceKey> {
        var names: ContiguousArray = ["*"]
        if subresource.isEmpty {
            names.append(resource)
        } else {
            names.append("\(resource)/\(subresource)")
            names.append("*/\(subresource)")
        }
        var keys: ContiguousArray<ResourceKey> = []
        keys.reserveCapacity(2 * names.count)
        for name in names {
            keys.append(ResourceKey(group: group, resource: name))
            keys.append(ResourceKey(group: "*", resource: name))
        }
        return keys
    }
}

/// A group and a resource as rules name them, both perhaps `*`. The hash is computed once and used
/// for many tables.
struct ResourceKey: Hashable, Sendable {
    let group: String
    let resource: String
    private let hash: Int

    init(group: String, resource: String) {
        self.group = group
        self.resource = resource
        var hasher = Hasher()
        hasher.combine(group)
        hasher.combine(resource)
        hash = hasher.finalize()
    }

    static func == (left: ResourceKey, right: ResourceKey) -> Bool {
        left.hash == right.hash && left.resource == right.resource && left.group == right.group
    }

    func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}

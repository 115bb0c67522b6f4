/// A request, prepared for being looked up in many tables.
struct AccessQuery: Sendable {
    enum Target: Sendable {
        /// Every entry that would allow it.
        case resource(keys: ContiguousArray<ResourceKey>, name: ExactText)
        case path(ExactText)
    }

    let verb: Verb
    let target: Target

    init(_ attributes: AccessAttributes) {
        verb = Verb(ExactText(attributes.verb))
        switch attributes.subject {
        case .path(let path): target = .path(ExactText(path))
        case .resource(let group, _, let resource, let subresource, _, let name):
            target = .resource(keys: Self.keys(group, resource, subresource), name: ExactText(name))
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
        let group = ExactText(group)
        var keys: ContiguousArray<ResourceKey> = []
        keys.reserveCapacity(2 * names.count)
        for name in names {
            keys.append(ResourceKey(group: group, resource: ExactText(name)))
            keys.append(ResourceKey(group: "*", resource: ExactText(name)))
        }
        return keys
    }
}

/// A group and a resource as rules name them, both perhaps `*`. The hash is computed once and used
/// for many tables.
struct ResourceKey: Hashable, Sendable {
    let group: ExactText
    let resource: ExactText
    private let hash: Int

    init(group: ExactText, resource: ExactText) {
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

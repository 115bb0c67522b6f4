// Changes of roles and bindings, turned into changes of the index.

/// The roles and bindings that there are, and the index that follows from them.
struct GrantBuilder {
    private(set) var index = GrantIndex()
    private var roles: [RoleKey: StoredRole] = [:]
    private var bindings: [BindingKey: StoredBinding] = [:]
    private var bindingsByRole: [RoleKey: Set<BindingKey>] = [:]
    /// In the order of the bindings' names.
    private var sources: [SubjectScope: [GrantSource]] = [:]
    private var changed: Set<SubjectScope> = []

    func role(_ key: RoleKey) -> StoredRole? { roles[key] }

    /// The keys of all roles of one kind.
    func roleKeys(ofCluster: Bool) -> [RoleKey] {
        roles.keys.filter { $0.namespace.isEmpty == ofCluster }
    }

    func bindingKeys(ofCluster: Bool) -> [BindingKey] {
        bindings.keys.filter { $0.namespace.isEmpty == ofCluster }
    }

    /// - Parameter role: `nil` when it has been deleted.
    mutating func set(_ role: StoredRole?, for key: RoleKey) {
        roles[key] = role
        for bindingKey in bindingsByRole[key] ?? [] {
            guard let binding = bindings[bindingKey] else { continue }
            for subject in binding.subjects {
                change(subject.scope) { list in
                    let place = Self.place(of: bindingKey, in: list)
                    list[place].role = role
                }
            }
        }
    }

    mutating func set(_ binding: StoredBinding) {
        remove(binding.key)
        bindings[binding.key] = binding
        bindingsByRole[binding.role, default: []].insert(binding.key)
        let role = roles[binding.role]
        for subject in binding.subjects {
            let source = GrantSource(
                binding: binding, role: role, reason: binding.reason(for: subject))
            change(subject.scope) { list in
                list.insert(source, at: Self.place(of: binding.key, in: list))
            }
        }
    }

    mutating func remove(_ key: BindingKey) {
        guard let binding = bindings.removeValue(forKey: key) else { return }
        bindingsByRole[binding.role]?.remove(key)
        if bindingsByRole[binding.role]?.isEmpty == true { bindingsByRole[binding.role] = nil }
        for subject in binding.subjects {
            change(subject.scope) { $0.remove(at: Self.place(of: key, in: $0)) }
        }
    }

    /// Brings the index up to the changes.
    mutating func settle() {
        for scope in changed {
            let list = sources[scope] ?? []
            index[scope] = list.isEmpty ? nil : ScopeGrants(list)
        }
        changed.removeAll()
    }

    private mutating func change(_ scope: SubjectScope, _ body: (inout [GrantSource]) -> Void) {
        body(&sources[scope, default: []])
        if sources[scope]?.isEmpty == true { sources[scope] = nil }
        changed.insert(scope)
    }

    /// Where the binding stands or belongs. All bindings of a scope are of one namespace.
    private static func place(of key: BindingKey, in list: [GrantSource]) -> Int {
        var low = 0
        var high = list.count
        while low < high {
            let middle = (low + high) / 2
            if list[middle].binding.key.name < key.name { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

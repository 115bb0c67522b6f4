import APIModel
import JSON

/// Completes compiled nodes: what is below each of them, and the defaults inside of defaults.
struct SchemaLinker {
    private enum Progress { case running, done }
    private var progress: [ObjectIdentifier: Progress] = [:]

    static func link(_ compiler: SchemaCompiler) throws(SchemaError) {
        summarize(compiler.nodes)
        for node in compiler.nodes where node.shape == .object {
            node.protobuf = ProtobufMessage(node.properties)
        }
        var linker = SchemaLinker()
        for (property, location) in compiler.defaults {
            try linker.complete(property, at: location)
        }
        for (property, location) in compiler.defaults {
            try check(property, at: location)
        }
    }

    // MARK: What is below

    /// Repeated until nothing changes, as nodes refer to one another in circles.
    private static func summarize(_ nodes: [SchemaNode]) {
        var isStable = false
        while !isStable {
            isStable = true
            for node in nodes where update(node) { isStable = false }
        }
    }

    /// Brings what a node knows of those below it up to date.
    /// - Returns: whether it had to be changed.
    @discardableResult
    static func update(_ node: SchemaNode) -> Bool {
        let below = node.properties.map(\.node) + (node.element.map { [$0] } ?? [])
        let before = [node.hasDefaults, node.hasRules, node.hasFields, node.hasImmutable]
        node.hasDefaults =
            below.contains(where: \.hasDefaults) || !node.defaultedProperties.isEmpty
        node.hasRules =
            below.contains(where: \.hasRules) || node.constraints != nil
            || !node.requiredNames.isEmpty || node.keyFormat != nil
            || node.list.kind != .atomic || node.custom != nil
        node.hasFields =
            below.contains(where: \.hasFields)
            || node.shape == .object
                && !node.keepsUnknown
        node.hasImmutable =
            below.contains(where: \.hasImmutable) || node.properties.contains(where: \.isImmutable)
        return before != [node.hasDefaults, node.hasRules, node.hasFields, node.hasImmutable]
    }

    // MARK: Defaults

    /// Gives the default of `property` the defaults of what is in it.
    private mutating func complete(
        _ property: SchemaProperty, at location: Location
    ) throws(SchemaError) {
        switch progress[ObjectIdentifier(property)] {
        case .done: return
        case .running: throw location.appending("default").error("contains itself")
        case nil: break
        }
        guard var value = property.defaultValue else { return }
        progress[ObjectIdentifier(property)] = .running
        try complete(&value, property.node, at: location)
        property.defaultValue = value
        progress[ObjectIdentifier(property)] = .done
    }

    private mutating func complete(
        _ value: inout JSONValue, _ node: SchemaNode, at location: Location
    ) throws(SchemaError) {
        switch (node.shape, value) {
        case (.object, .object(var object)):
            for property in node.properties {
                if var member = object[property.name] {
                    try complete(&member, property.node, at: location)
                    object[property.name] = member
                } else if property.defaultValue != nil {
                    try complete(property, at: location)
                    object[property.name] = property.defaultValue
                }
            }
            value = .object(object)
        case (.array, .array(let elements)):
            guard let element = node.element else { return }
            var completed: [JSONValue] = []
            for var value in elements {
                try complete(&value, element, at: location)
                completed.append(value)
            }
            value = .array(completed)
        default: break
        }
    }

    /// Objects are only checked for types and unknown members: what they require may be filled in
    /// by the client.
    private static func check(
        _ property: SchemaProperty, at location: Location
    ) throws(SchemaError) {
        let place = location.appending("default")
        guard var value = property.defaultValue else { return }
        var reader = DecodeWalk(.root)
        do throws(DecodeError) {
            try reader.check(value, property.node)
        } catch {
            throw place.error(error.description)
        }
        if reader.needsNormalizing { throw place.error("is not in its canonical form") }
        let unknown = PruneWalk.prune(&value, property.node)
        if let field = unknown.first { throw place.error("unknown field \(field)") }
        guard property.node.shape != .object else { return }
        var rules = ValidationWalk(.root)
        rules.validate(value, property.node)
        if let error = rules.errors.first { throw place.error(error.body) }
    }
}

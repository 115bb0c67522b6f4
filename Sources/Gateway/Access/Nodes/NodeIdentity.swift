extension User {
    /// The name of the node that this user is, or `nil`.
    public var nodeName: String? {
        let prefix = "system:node:"
        guard name.hasPrefix(prefix), groups.contains("system:nodes") else { return nil }
        return String(name.dropFirst(prefix.count))
    }
}

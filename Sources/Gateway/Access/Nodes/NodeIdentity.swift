extension User {
    /// The name of the node that this user is, or `nil`.
    public var nodeName: String? {
        let prefix: ExactText = "system:node:"
        guard name.hasPrefix(prefix), groups.contains("system:nodes") else { return nil }
        return name.dropFirst(prefix.string.utf8.count).string
    }
}

import JSON

/// The priorities of the parts without which a cluster does not work. Kubernetes has the same.
public enum SystemPriorities {
    static let values: [String: Int64] = [
        clusterName: 2_000_000_000, nodeName: 2_000_001_000,
    ]

    private static let clusterName = "system-cluster-critical"
    private static let nodeName = "system-node-critical"

    /// The PriorityClasses that every cluster has.
    public static let objects: [JSONValue] = [
        object(clusterName, "For what must run somewhere in the cluster."),
        object(nodeName, "For what must run on its own node and nowhere else."),
    ]

    private static func object(_ name: String, _ description: String) -> JSONValue {
        [
            "metadata": ["name": .string(name)],
            "value": .number(JSONNumber(values[name] ?? 0)),
            "description": .string(description),
        ]
    }
}

/// The numbers of admission, each with its reason.
enum Limits {
    /// How long pods stay on a node that is not ready or cannot be reached, in seconds, when they
    /// do not say it, as in Kubernetes.
    static let nodeFailureTolerationSeconds: Int64 = 300

    /// How long the token in a pod's volume is good for, in seconds. Kubernetes asks for seven
    /// seconds more than an hour, by which such tokens are told from others.
    static let mountedTokenSeconds: Int64 = 3607

    /// The access of files in that volume: 0644, as the API has no octal numbers.
    static let mountedFileMode: Int64 = 420

    /// How long a webhook may take that does not say it, in seconds, as in Kubernetes. What came
    /// through the API says it.
    static let webhookSeconds: Int64 = 10

    /// How long a value in the audit log's annotations may be, in bytes, as in Kubernetes.
    static let annotationByteCountMax = 10 * 1024

    /// How long a message may be that a policy's expression makes, in bytes, as in Kubernetes.
    static let policyMessageByteCountMax = 5 * 1024
}

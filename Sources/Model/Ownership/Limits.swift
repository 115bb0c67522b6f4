/// The bounds of this module, each with its reason.
enum Limits {
    /// Bytes of a name that is shown in an error: enough to recognize it.
    static let excerptByteCountMax = 128
    /// Managers that have updated an object and are told apart; the changes of the oldest are then
    /// put together, so that an object does not grow with everybody who ever touched it. It is what
    /// Kubernetes keeps.
    static let updaterCountMax = 10
}

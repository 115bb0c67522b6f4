/// An answer that is not what etcd's JSON gateway sends.
struct WireError: Error, Hashable, CustomStringConvertible {
    let problem: String
    /// Where in the answer, in bytes from its start.
    let position: Int

    var description: String { "\(problem) at byte \(position) of the answer" }
}

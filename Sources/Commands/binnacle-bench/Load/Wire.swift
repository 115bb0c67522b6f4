/// How a row speaks to its servers.
enum Wire: String, CaseIterable {
    case plain
    case tls = "TLS 1.3"

    /// What it adds to a row's name.
    var suffix: String { self == .plain ? "" : "-tls" }
}

import Buffers

/// The checks behind `/healthz`, `/livez` and `/readyz`.
struct HealthReport {
    struct Check {
        let name: String
        /// `nil` when all is well.
        let problem: String?
    }

    let endpoint: HealthEndpoint
    let checks: [Check]

    private var isHealthy: Bool { checks.allSatisfy { $0.problem == nil } }

    /// The whole report, `ok` for short when all is well.
    func answer(isVerbose: Bool) -> Answer {
        if isHealthy, !isVerbose { return Answer(text: "ok") }
        var text = ""
        for check in checks {
            let verdict = check.problem.map { "[-]\(check.name) failed: \($0)" }
            text += (verdict ?? "[+]\(check.name) ok") + "\n"
        }
        text += "\(endpoint.rawValue) check \(isHealthy ? "passed" : "failed")\n"
        return Answer(text: text, status: isHealthy ? 200 : 503)
    }

    /// One check; `nil` when there is none of that name.
    func answer(for name: String) -> Answer? {
        guard let check = checks.first(where: { $0.name == name }) else { return nil }
        guard let problem = check.problem else { return Answer(text: "ok") }
        return Answer(text: "\(name) failed: \(problem)\n", status: 503)
    }
}

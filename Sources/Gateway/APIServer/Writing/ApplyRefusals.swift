import APIModel
import Ownership
import Schema

extension APIStatus {
    /// 409 with a cause for each field that somebody else owns; 400 for a list whose elements
    /// cannot be told apart.
    init(_ error: ApplicationError) {
        switch error {
        case .list(let error):
            self = .badRequest("failed to create typed patch object: \(error)")
        case .conflicts(let conflicts):
            var details = Details()
            details.causes = conflicts.map {
                Cause(
                    reason: "FieldManagerConflict", message: "conflict with \($0.owner.shown)",
                    field: $0.field)
            }
            self.init(
                code: 409, reason: .conflict, message: Self.message(of: conflicts),
                details: details)
        }
    }

    private static func message(of conflicts: [FieldConflict]) -> String {
        if conflicts.count == 1 {
            return "Apply failed with 1 conflict: conflict with \(conflicts[0].owner.shown): "
                + conflicts[0].field
        }
        var lines: [String] = []
        var last: FieldOwner?
        for conflict in conflicts {
            if conflict.owner != last { lines.append("conflicts with \(conflict.owner.shown):") }
            last = conflict.owner
            lines.append("- \(conflict.field)")
        }
        return "Apply failed with \(conflicts.count) conflicts: " + lines.joined(separator: "\n")
    }
}

extension FieldOwner {
    /// As conflicts call it: `"kubectl-edit" using apps/v1`, `"m" with subresource "scale"`.
    fileprivate var shown: String {
        var shown = name.quoted
        if !subresource.isEmpty { shown += " with subresource \(subresource.quoted)" }
        if operation == .update { shown += " using \(apiVersion)" }
        return shown
    }
}

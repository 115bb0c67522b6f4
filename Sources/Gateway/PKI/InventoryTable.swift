// The inventory as people read it.

import APIModel
import Crypto

/// Columns of text, as wide as what is in them.
public enum InventoryTable {
    private static let titles = ["FILE", "WHAT", "EXPIRES", "LEFT", "STATE"]
    private static let gap = 3

    /// A line for each entry below the titles, and the reasons of what cannot be used below that.
    public static func text(_ entries: [InventoryEntry], now: WallTime) -> String {
        let rows = [titles] + entries.map { row($0, now) }
        let widths = titles.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        var lines = rows.map { row in
            let cells = zip(row, widths).map { cell, width in
                cell + String(repeating: " ", count: width + gap - cell.count)
            }
            return String(cells.joined().reversed().drop { $0 == " " }.reversed())
        }
        for case .unusable(let reason) in entries.map(\.state) { lines.append(reason) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func row(_ entry: InventoryEntry, _ now: WallTime) -> [String] {
        let left = entry.notAfter.map { max(0, $0.since(now).components.seconds) }
        return [
            entry.path, entry.subject.isEmpty ? "-" : entry.subject,
            entry.notAfter?.description ?? "-", left.map(HumanDuration.format) ?? "-",
            word(for: entry.state),
        ]
    }

    private static func word(for state: InventoryEntry.State) -> String {
        switch state {
        case .valid: "valid"
        case .due: "renewal due"
        case .expired: "EXPIRED"
        case .notYetValid: "NOT YET VALID"
        case .unusable: "UNUSABLE"
        }
    }
}

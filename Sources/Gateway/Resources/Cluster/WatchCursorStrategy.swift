// Watch cursors: where the clients are whose positions the server keeps.

import APIModel
import JSON

struct WatchCursorStrategy: Strategy {
    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        let (spec, status) = (object["spec"] ?? .null, object["status"] ?? .null)
        switch name {
        case "cursorAcknowledged": return CommonCells.textOrNone(status["acknowledged"])
        case "cursorLastUsed":
            return .string(CommonCells.age(since: status["lastUsedTime"], now: now))
        case "cursorNamespace": return CommonCells.textOrNone(spec["namespace"])
        case "cursorSelector":
            let selectors = [spec.text("labelSelector"), spec.text("fieldSelector")]
            return CommonCells.listed(selectors.filter { !$0.isEmpty })
        default: return nil
        }
    }
}

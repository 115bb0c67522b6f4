// Events: what they are about, and how tables show them.

import APIModel
import JSON

struct EventStrategy: Strategy {
    var createsOnUpdate: Bool { true }

    func validate(_ object: JSONValue) -> [FieldError] {
        let namespace = ObjectMeta(of: object).namespace
        let involved = object["involvedObject"]?.text("namespace") ?? ""
        // Events about objects without a namespace are kept in `default`.
        let isFine =
            involved.isEmpty
            ? namespace.isEmpty || namespace == "default" : involved == namespace
        if isFine { return [] }
        return [
            .invalid(
                FieldPath("involvedObject", "namespace"), .string(involved),
                "does not match event.namespace")
        ]
    }

    func places(ofField field: String) -> [[String]] {
        switch field {
        case "source": [["source", "component"], ["reportingComponent"]]
        default: [field.split(separator: ".").map(String.init)]
        }
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        let involved = object["involvedObject"] ?? .null
        return switch name {
        case "eventLastSeen": .string(lastSeen(object, now))
        case "eventFirstSeen": .string(firstSeen(object, now))
        case "eventType": .string(object.text("type"))
        case "eventReason": .string(object.text("reason"))
        case "eventObject": .string(Self.objectName(involved))
        case "eventSubobject": .string(involved.text("fieldPath"))
        case "eventSource": .string(Self.source(object))
        case "eventMessage": .string(Self.trimmed(object.text("message")))
        case "eventCount": .int(Self.count(object))
        default: nil
        }
    }

    private func firstSeen(_ object: JSONValue, _ now: Timestamp) -> String {
        let first = object.has("firstTimestamp") ? "firstTimestamp" : "eventTime"
        return CommonCells.age(since: object[first], now: now)
    }

    private func lastSeen(_ object: JSONValue, _ now: Timestamp) -> String {
        if let series = object["series"], !series.isNull {
            return CommonCells.age(since: series["lastObservedTime"], now: now)
        }
        if object.has("lastTimestamp") {
            return CommonCells.age(since: object["lastTimestamp"], now: now)
        }
        return firstSeen(object, now)
    }

    private static func objectName(_ involved: JSONValue) -> String {
        let kind = involved.text("kind").lowercased()
        let name = involved.text("name")
        return name.isEmpty ? kind : "\(kind)/\(name)"
    }

    private static func source(_ object: JSONValue) -> String {
        let source = object["source"] ?? .null
        let component = source.text("component")
        let reporter =
            component.isEmpty
            ? [object.text("reportingComponent"), object.text("reportingInstance")]
            : [component, source.text("host")]
        return reporter.filter { !$0.isEmpty }.joined(separator: ", ")
    }

    /// An event that stands alone need not say that it is one.
    private static func count(_ object: JSONValue) -> Int64 {
        if let series = object["series"], !series.isNull { return series["count"]?.int ?? 0 }
        let count = object["count"]?.int ?? 0
        return count == 0 ? 1 : count
    }

    private static func trimmed(_ text: String) -> String {
        let isSpace: (Character) -> Bool = { $0.isWhitespace }
        let front = text.drop(while: isSpace)
        return String(front.reversed().drop(while: isSpace).reversed())
    }
}

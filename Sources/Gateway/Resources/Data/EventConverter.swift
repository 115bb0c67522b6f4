// Events in their newer form, of group events.k8s.io.

import APIModel
import JSON

/// The core group's Events are stored; the newer form has the same members under other names.
struct EventConverter: Converter {
    private static let names = [
        (stored: "involvedObject", served: "regarding"), (stored: "message", served: "note"),
        (stored: "reportingComponent", served: "reportingController"),
        (stored: "source", served: "deprecatedSource"),
        (stored: "firstTimestamp", served: "deprecatedFirstTimestamp"),
        (stored: "lastTimestamp", served: "deprecatedLastTimestamp"),
        (stored: "count", served: "deprecatedCount"),
    ]
    private static let servedNames = Dictionary(
        uniqueKeysWithValues: names.map { ($0.stored, $0.served) })
    private static let storedNames = Dictionary(
        uniqueKeysWithValues: names.map { ($0.served, $0.stored) })

    func served(_ stored: JSONValue) -> JSONValue { Self.renamed(stored, Self.servedNames) }

    func stored(_ served: JSONValue) -> JSONValue { Self.renamed(served, Self.storedNames) }

    private static func renamed(_ object: JSONValue, _ names: [String: String]) -> JSONValue {
        guard let members = object.object else { return object }
        var renamed = JSONObject(reserving: members.count)
        for (name, value) in members { renamed[names[name] ?? name] = value }
        return .object(renamed)
    }

    func storedField(_ field: String) -> String {
        let parts = field.split(separator: ".", maxSplits: 1).map(String.init)
        let first = Self.storedNames[parts[0]] ?? parts[0]
        return ([first] + parts.dropFirst()).joined(separator: ".")
    }
}

/// The rules of the newer form, which asks for more than the older one.
struct NewEventStrategy: Strategy {
    private let older = EventStrategy()
    private let converter = EventConverter()

    var createsOnUpdate: Bool { true }

    func validate(_ object: JSONValue) -> [FieldError] {
        older.validate(converter.stored(object)).map(Self.renamed)
            + (object.has("eventTime") ? Self.newErrors(object) : [])
    }

    private static func renamed(_ error: FieldError) -> FieldError {
        var error = error
        error.path = FieldPath("regarding", "namespace")
        return error
    }

    /// Events that were made in this form have a time of their own.
    private static func newErrors(_ object: JSONValue) -> [FieldError] {
        var errors = wordErrors(object)
        let controller = object.text("reportingController")
        errors += ValueFormat.qualifiedName.check(controller).map {
            .invalid(FieldPath("reportingController"), .string(controller), $0)
        }
        if object.text("note").utf8.count > Limits.eventNoteByteCountMax {
            errors.append(
                .invalid(
                    FieldPath("note"), "",
                    "can have at most \(Limits.eventNoteByteCountMax) characters"))
        }
        let type = object.text("type")
        if type != "Normal", type != "Warning" {
            errors.append(.invalid(FieldPath("type"), .string(type), "has invalid value: \(type)"))
        }
        if let series = object["series"], !series.isNull, (series["count"]?.int ?? 0) < 2 {
            errors.append(
                .invalid(
                    FieldPath("series", "count"), series["count"] ?? 0, "should be at least 2"))
        }
        return errors
    }

    private static func wordErrors(_ object: JSONValue) -> [FieldError] {
        ["reportingInstance", "action", "reason"].flatMap { member -> [FieldError] in
            let (text, path) = (object.text(member), FieldPath(member))
            if text.isEmpty { return [.required(path)] }
            guard text.utf8.count > Limits.eventWordByteCountMax else { return [] }
            return [
                .invalid(
                    path, .string(text),
                    "can have at most \(Limits.eventWordByteCountMax) characters")
            ]
        }
    }

    func validateUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError] {
        // Events of the older form may be changed as that form allows.
        guard old.has("eventTime") else { return [] }
        let lasting = [
            "eventTime", "reportingController", "reportingInstance", "action", "reason",
            "regarding", "related", "note", "type",
        ]
        return lasting.filter { !JSONValue.same(object[$0], old[$0]) }.map {
            .invalid(FieldPath($0), object[$0], "field is immutable")
        }
    }

    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? {
        older.cell(name, of: converter.stored(object), now: now)
    }
}

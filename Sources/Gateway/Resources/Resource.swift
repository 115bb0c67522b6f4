// One kind of object: its definition, its schema, and what its strategy adds.

import APIModel
import Buffers
import JSON
import Schema

/// A kind of object as the API server works with it.
public struct Resource: Sendable {
    public let definition: ResourceDefinition
    public let schema: ObjectSchema
    public let strategy: any Strategy
    /// How its objects come from the version in which they are stored; `nil` when it is this one.
    public let conversion: Conversion?
    /// The status of a new object, from the schema's defaults.
    private let firstStatus: JSONValue?
    private let fieldReader: FieldReader

    init(
        definition: ResourceDefinition, schema: ObjectSchema, strategy: any Strategy,
        conversion: Conversion? = nil
    ) {
        self.conversion = conversion
        var empty: JSONValue = [:]
        schema.applyDefaults(&empty)
        firstStatus = empty["status"]
        self.definition = definition
        self.schema = schema
        self.strategy = strategy
        fieldReader = FieldReader(definition.selectableFields, strategy)
    }

    /// Whether users have defined the kind.
    public var isCustom: Bool { strategy is CustomStrategy }

    /// Whether `status` is written through a path of its own.
    public var hasStatus: Bool { definition.subresource("status") != nil }

    /// Adds the schema's defaults, and then those that depend on other members.
    public func applyDefaults(to object: inout JSONValue) {
        schema.applyDefaults(&object)
        strategy.applyDefaults(to: &object)
    }

    // MARK: Who writes what

    /// What a client says about the status of a new object does not count, except for kinds that
    /// register themselves: it has the schema's default. Comes before the strategy's
    /// `prepareForCreate`, which may set another one.
    public func dropStatus(_ object: inout JSONValue) {
        if hasStatus, !strategy.keepsStatusOnCreate { object.put("status", firstStatus) }
    }

    /// Keeps the old status in a write of the object itself.
    public func keepStatus(_ object: inout JSONValue, from old: JSONValue) {
        if hasStatus { object.take("status", from: old) }
    }

    /// Keeps everything but the status in a write of the status; labels and annotations as the
    /// strategy says. The resourceVersion that the client sent stays, for the comparison with the
    /// stored one.
    public func keepAllButStatus(_ object: inout JSONValue, from old: JSONValue) {
        let sent = object
        object = old
        object.take("status", from: sent)
        let metadata = sent["metadata"] ?? .null
        object.change("metadata") { kept in
            if metadata.has("resourceVersion") { kept.take("resourceVersion", from: metadata) }
            guard strategy.statusUpdateKeepsMetadata else { return }
            for member in ["labels", "annotations"] { kept.take(member, from: metadata) }
        }
    }

    /// Which fields a write of the object, or of a subresource of it, can own.
    public func scope(ofWritesTo subresource: String?) -> FieldScope {
        subresource == "status"
            ? .status(hasLabels: strategy.statusUpdateKeepsMetadata)
            : .object(hasStatus: hasStatus)
    }

    /// Counts a change of anything but metadata and status. What the client says about the
    /// generation does not count.
    public func raiseGeneration(_ object: inout JSONValue, from old: JSONValue) {
        let generation = old["metadata"]?["generation"]
        guard definition.hasGeneration, specDiffers(object, old) else {
            object.change("metadata") { $0.put("generation", generation) }
            return
        }
        object.change("metadata") { $0.put("generation", .int((generation?.int ?? 0) + 1)) }
    }

    private func specDiffers(_ object: JSONValue, _ old: JSONValue) -> Bool {
        var ignored: Set<String> = ["metadata", "kind", "apiVersion"]
        if hasStatus { ignored.insert("status") }
        let (members, before) = (object.object ?? JSONObject(), old.object ?? JSONObject())
        return members.contains { !ignored.contains($0.key) && before[$0.key] != $0.value }
            || before.contains { !ignored.contains($0.key) && !members.contains($0.key) }
    }

    // MARK: Views

    /// One cell for each column of the definition.
    public func cells(of object: JSONValue, now: Timestamp) -> [JSONValue] {
        definition.columns.map { column in
            switch column.cell {
            case .field(let query):
                query.value(in: object) ?? (column.type == "integer" ? 0 : "")
            case .path(let path):
                CommonCells.typed(path.first(in: object), as: column.type, now: now)
            case .computed(let name):
                computedCell(name, of: object, now: now) ?? CommonCells.unknown
            }
        }
    }

    private func computedCell(
        _ name: String, of object: JSONValue, now: Timestamp
    ) -> JSONValue? {
        name == "age"
            ? CommonCells.age(of: object, now: now) : strategy.cell(name, of: object, now: now)
    }

    /// A cell that a column asks for and nobody computes.
    var unknownCell: String? {
        for column in definition.columns {
            guard case .computed(let name) = column.cell else { continue }
            let cell = computedCell(name, of: [:], now: Timestamp(seconds: 0))
            if cell == nil { return name }
        }
        return nil
    }

    /// What a cache needs to know of an object to filter it, from its stored bytes.
    public func readFields(_ bytes: Bytes) -> IndexedFields { fieldReader.read(bytes) }
}

/// What objects are filtered by.
public struct IndexedFields: Sendable {
    public let uid: Bytes
    /// The labels as they are written; empty when there are none. See `readLabels(_:)`.
    public let labelBytes: Bytes
    /// The values of the definition's `selectableFields`, in their order. Truth values and numbers
    /// are written as in JSON; what is not there is "", or what the kind takes it for.
    public let fields: [String]

    /// The labels in the order in which they are written.
    public var labels: [(name: String, value: String)] { Self.readLabels(labelBytes) }

    /// The labels that are written so.
    public static func readLabels(_ bytes: Bytes) -> [(name: String, value: String)] {
        Extracted(raw: bytes).stringMembers?.map { (name: $0.key, value: $0.value) } ?? []
    }
}

/// Reads the fields without decoding the object.
struct FieldReader: Sendable {
    private struct Field {
        /// Where in the extractor's answer the value may be, the first that is there winning.
        let places: Range<Int>
        let absentValue: String
    }

    private let extractor: JSONExtractor
    private let fields: [Field]

    init(_ names: [String], _ strategy: any Strategy) {
        var paths = [["metadata", "uid"], ["metadata", "labels"]]
        var fields: [Field] = []
        for name in names {
            let places = strategy.places(ofField: name)
            fields.append(
                Field(
                    places: paths.count..<(paths.count + places.count),
                    absentValue: strategy.absentValue(ofField: name)))
            paths += places
        }
        self.fields = fields
        extractor = JSONExtractor(paths: paths)
    }

    func read(_ bytes: Bytes) -> IndexedFields {
        let found = extractor.extract(from: bytes)
        return IndexedFields(
            uid: found[0].map { $0.plainString ?? Bytes($0.string ?? "") } ?? .empty,
            labelBytes: found[1]?.raw ?? .empty,
            fields: fields.map { field in
                for place in field.places {
                    if let text = found[place].map(Self.text), !text.isEmpty { return text }
                }
                return field.absentValue
            })
    }

    private static func text(_ value: Extracted) -> String {
        value.string ?? (value.isNull ? "" : String(value.raw))
    }
}

import APIModel
import JSON
import Ownership
import Schema
import SeedTesting
import Testing

@testable import Resources

/// An object of some kind, and who owns its fields: what the server keeps.
private struct ManagedObject {
    let resource: Resource
    var object: JSONValue?
    private(set) var managed = ManagedFields()
    private var hour: Int64 = 0

    init(_ kind: TriedKind) { resource = kind.resource }

    private mutating func attribution(
        _ name: String, _ operation: FieldOwner.Operation
    ) -> FieldAttribution {
        // Time goes on, so that a time that is written anew is seen.
        hour += 1
        return FieldAttribution(
            resource.schema, resource.scope(ofWritesTo: nil),
            owner: FieldOwner(
                name, operation, apiVersion: resource.definition.groupVersion.description,
                subresource: ""),
            now: Timestamp(seconds: 3600 * hour))
    }

    mutating func apply(
        _ configuration: JSONValue, by name: String, isForced: Bool = false,
        hasDefaults: Bool = true
    ) throws {
        let application = try Application(configuration, by: attribution(name, .apply))
        let result = try application.apply(to: object, managed, isForced: isForced) {
            if hasDefaults { resource.applyDefaults(to: &$0) }
        }
        try keep(result.object, result.managed)
    }

    mutating func update(_ new: JSONValue, by name: String) throws {
        var new = new
        resource.applyDefaults(to: &new)
        let owners = attribution(name, .update).owners(after: managed, from: object, to: new)
        try keep(new, owners)
    }

    /// As the store does it: written, and read again.
    private mutating func keep(_ object: JSONValue, _ managed: ManagedFields) throws {
        self.object = try JSONValue(parsing: object.bytes)
        self.managed = try ManagedFields(written: managed.bytes)
    }

    func fields(of name: String) -> FieldSet {
        managed.entries.filter { $0.owner.name == name }.reduce(FieldSet()) { $0.union($1.set) }
    }

    func expectSame(
        as other: ManagedObject, _ place: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        ResourcesTests.expectSame(object, other.object, place, sourceLocation: sourceLocation)
        #expect(managed.bytes == other.managed.bytes, "\(place)", sourceLocation: sourceLocation)
    }
}

/// What holds for server-side apply of every kind (Kubernetes enhancement 555).
@Suite struct `Applying objects of every kind` {
    private static let roundCount = 4

    /// A configuration: names nothing that clients cannot say.
    private func configuration(_ kind: inout TriedKind, like other: JSONValue? = nil) -> JSONValue {
        let object = other.map { kind.object(like: $0) } ?? kind.object()
        let said = ["annotations", "finalizers", "ownerReferences"]
        return object.with {
            for (name, _) in object["metadata"]?.object ?? [:] where !said.contains(name) {
                $0["metadata"]?[name] = nil
            }
            $0["metadata"]?["name"] = "x"
            // Whatever else is said, somebody owns something.
            $0["metadata"]?["labels"] = ["app": "x"]
            if kind.resource.hasStatus { $0["status"] = nil }
        }.withoutTwins
    }

    @Test func `what is applied twice is applied once, owners and times included`() throws {
        try forEveryKind(Self.roundCount) { kind in
            let sent = configuration(&kind)
            var once = ManagedObject(kind)
            try once.apply(sent, by: "ann")
            var twice = once
            try twice.apply(sent, by: "ann")
            twice.expectSame(as: once, kind.place)
        }
    }

    @Test func `so it is on top of what others have written`() throws {
        try forEveryKind(Self.roundCount) { kind in
            let before = configuration(&kind)
            var once = ManagedObject(kind)
            try once.update(before, by: "upd")
            try once.apply(configuration(&kind, like: before), by: "bob", isForced: true)
            let sent = configuration(&kind, like: before)
            try once.apply(sent, by: "ann", isForced: true)
            var twice = once
            try twice.apply(sent, by: "ann")
            twice.expectSame(as: once, kind.place)
        }
    }

    @Test func `whoever applies has what he says, and owns it`() throws {
        try forEveryKind(Self.roundCount) { kind in
            let before = configuration(&kind)
            var state = ManagedObject(kind)
            try state.update(before, by: "upd")
            let sent = configuration(&kind, like: before)
            try state.apply(sent, by: "ann", isForced: true, hasDefaults: false)
            let object = try #require(state.object)
            let schema = kind.resource.schema
            expectSame(schema.merging(sent, into: object), object, kind.place)
            let said = schema.fields(of: sent, in: kind.resource.scope(ofWritesTo: nil))
            #expect(state.fields(of: "ann") == said, "\(kind.place)")
        }
    }

    @Test func `nothing is left of what is no longer applied`() throws {
        try forEveryKind(Self.roundCount) { kind in
            let first = configuration(&kind)
            let second = configuration(&kind, like: first)
            var alone = ManagedObject(kind)
            try alone.apply(second, by: "ann", hasDefaults: false)
            var after = ManagedObject(kind)
            try after.apply(first, by: "ann", hasDefaults: false)
            try after.apply(second, by: "ann", hasDefaults: false)
            expectSame(after.object, alone.object, kind.place)
            #expect(after.fields(of: "ann") == alone.fields(of: "ann"), "\(kind.place)")
        }
    }

    @Test func `what two have applied stays until both have given it up`() throws {
        try forEveryKind(Self.roundCount) { kind in
            let sent = configuration(&kind)
            let nothing = sent.with { object in
                for (name, _) in sent.object ?? [:] where !["kind", "apiVersion"].contains(name) {
                    object[name] = nil
                }
            }
            var state = ManagedObject(kind)
            try state.apply(sent, by: "ann", hasDefaults: false)
            try state.apply(sent, by: "bob", hasDefaults: false)
            let shared = state.object
            try state.apply(nothing, by: "ann", hasDefaults: false)
            expectSame(state.object, shared, kind.place)
            #expect(state.fields(of: "ann").isEmpty, "\(kind.place)")
            try state.apply(nothing, by: "bob", hasDefaults: false)
            #expect(state.managed.isEmpty, "\(kind.place)")
        }
    }
}

extension JSONValue {
    /// Members that say the same as others, of which the server derives the one from the other.
    private static let twins: Set<String> = [
        "serviceAccount", "podCIDR", "clusterIP", "dataSource",
    ]

    /// Without members that might contradict others.
    fileprivate var withoutTwins: JSONValue {
        switch self {
        case .object(let members):
            .object(
                JSONObject(
                    members.filter { !Self.twins.contains($0.key) }
                        .map { ($0.key, $0.value.withoutTwins) }))
        case .array(let elements): .array(elements.map(\.withoutTwins))
        default: self
        }
    }
}

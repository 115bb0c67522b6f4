import APIModel
import JSON
import ObjectTesting
import SeedTesting
import Testing

@testable import Resources

/// What holds for strategic merge patches of every kind, with its own strategies and keys.
@Suite struct `Strategic merge patches of every kind` {
    private static let roundCount = 8

    private func patched(
        _ object: JSONValue, _ patch: JSONValue, _ kind: TriedKind
    ) throws -> JSONValue {
        try StrategicMergePatch.apply(patch, to: object, schema: kind.resource.schema)
    }

    @Test func `the difference of two objects makes one of the other, once and again`() throws {
        try forEveryKind(Self.roundCount) { kind in
            let old = kind.object()
            let new = kind.object(like: old)
            let patch = StrategicDifference.patch(from: old, to: new, kind.documented)
            let once = try patched(old, patch, kind)
            expectSame(once, new, kind.place)
            expectSame(try patched(once, patch, kind), new, kind.place)
        }
    }

    @Test func `an object as a patch of another one merges once`() throws {
        try forEveryKind(Self.roundCount) { kind in
            let old = kind.object()
            let new = kind.object(like: old)
            expectSame(try patched([:], new, kind), new, kind.place)
            expectSame(try patched(new, new, kind), new, kind.place)
            let once = try patched(old, new, kind)
            expectSame(try patched(once, new, kind), once, kind.place)
        }
    }

    /// Tries a law at every place of generated objects that `isMeant`.
    private func forEveryPlace(
        where isMeant: (MergedPlace) -> Bool, _ law: (MergedPlace, TriedKind) throws -> Void
    ) throws {
        var count = 0
        try forEveryKind(Self.roundCount) { kind in
            for place in MergedPlace.all(in: kind.object(), kind.documented) where isMeant(place) {
                try law(place, kind)
                count += 1
            }
        }
        #expect(count > 100)
    }

    @Test func `the directive delete takes one element away`() throws {
        try forEveryPlace(where: \.isKeyedList) { place, kind in
            for (index, element) in place.elements.enumerated() {
                let patch = place.patch([
                    place.name: [place.reference(to: element, ["$patch": "delete"])]
                ])
                var rest = place.elements
                rest.remove(at: index)
                let result = try patched(place.object, patch, kind)
                expectSame(result, place.object(having: .array(rest)), "\(place) \(kind.place)")
            }
        }
    }

    @Test func `the directive replace leaves what comes with it`() throws {
        try forEveryPlace(where: \.isKeyedList) { place, kind in
            let kept = Array(place.elements.suffix(1))
            let patch = place.patch([place.name: .array([["$patch": "replace"]] + kept)])
            let result = try patched(place.object, patch, kind)
            expectSame(result, place.object(having: .array(kept)), "\(place) \(kind.place)")
        }
        try forEveryPlace(where: \.isObject) { place, kind in
            let members = place.members
            let kept = JSONObject(members.prefix(1).map { ($0.key, $0.value) })
            var sent = kept
            sent["$patch"] = "replace"
            let result = try patched(place.object, place.patch([place.name: .object(sent)]), kind)
            expectSame(result, place.object(having: .object(kept)), "\(place) \(kind.place)")
        }
    }

    @Test func `the list of kept keys clears the others`() throws {
        try forEveryPlace(where: \.isObject) { place, kind in
            let members = place.members
            let kept = JSONObject(members.suffix(1).map { ($0.key, $0.value) })
            var sent = kept
            sent["$retainKeys"] = .array(kept.map { .string($0.key) })
            let result = try patched(place.object, place.patch([place.name: .object(sent)]), kind)
            expectSame(result, place.object(having: .object(kept)), "\(place) \(kind.place)")
        }
    }

    @Test func `scalars are taken from the lists that are merged`() throws {
        try forEveryPlace(where: \.isScalarList) { place, kind in
            for scalar in place.elements {
                let patch = place.patch(["$deleteFromPrimitiveList/\(place.name)": [scalar]])
                let rest = place.elements.filter { $0 != scalar }
                let result = try patched(place.object, patch, kind)
                expectSame(result, place.object(having: .array(rest)), "\(place) \(kind.place)")
            }
        }
    }

    @Test func `the order of elements is what the patch says`() throws {
        try forEveryPlace(where: \.isMergedList) { place, kind in
            let wanted = Array(place.elements.reversed())
            let order = wanted.map { place.isKeyedList ? place.reference(to: $0) : $0 }
            let patch = place.patch(["$setElementOrder/\(place.name)": .array(order)])
            let result = try patched(place.object, patch, kind)
            expectSame(result, place.object(having: .array(wanted)), "\(place) \(kind.place)")
        }
    }
}

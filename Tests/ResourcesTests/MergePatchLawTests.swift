import APIModel
import JSON
import Schema
import SeedTesting
import Testing

@testable import Resources

/// What holds for merge patches (RFC 7386) of every kind.
@Suite struct `Merge patches of every kind` {
    private static let roundCount = 12

    @Test func `the difference of two objects makes one of the other, once and again`() throws {
        try forEveryKind(Self.roundCount) { kind in
            let old = kind.object()
            let new = kind.object(like: old)
            let patch = MergePatch.difference(from: old, to: new) ?? [:]
            var patched = MergePatch.apply(patch, to: old)
            expectSame(patched, new, kind.place)
            expectSame(MergePatch.apply(patch, to: patched), patched, kind.place)
            try kind.resource.schema.decode(&patched)
            expectSame(patched, new, kind.place)
        }
    }

    @Test func `null removes a member and nothing else`() {
        forEveryKind(Self.roundCount) { kind in
            let object = kind.object()
            for (path, without) in object.withoutEachMember {
                let patch = path.reversed().reduce(JSONValue.null) { [$1: $0] }
                let patched = MergePatch.apply(patch, to: object)
                expectSame(patched, without, "\(path), \(kind.place)")
                expectSame(MergePatch.apply(patch, to: patched), without, "\(path), \(kind.place)")
            }
        }
    }

    /// What is said later wins, member by member.
    @Test func `an object as a patch of another one is found in it`() {
        forEveryKind(Self.roundCount) { kind in
            let old = kind.object()
            let new = kind.object(like: old)
            let patched = MergePatch.apply(new, to: old)
            expectSame(MergePatch.apply(new, to: patched), patched, kind.place)
            #expect(MergePatch.apply(old, to: patched).contains(old), "\(kind.place)")
            #expect(patched.contains(new), "\(kind.place)")
        }
    }
}

extension JSONValue {
    /// The paths of all members of objects that are not in lists, and what is left without each.
    fileprivate var withoutEachMember: [(path: [String], rest: JSONValue)] {
        guard case .object(let members) = self else { return [] }
        return members.flatMap { name, value -> [(path: [String], rest: JSONValue)] in
            [([name], with { $0[name] = nil })]
                + value.withoutEachMember.map { path, rest in
                    ([name] + path, with { $0[name] = rest })
                }
        }
    }

    /// Whether every member of `other` is here with the same value.
    fileprivate func contains(_ other: JSONValue) -> Bool {
        guard case .object(let members) = other else { return self == other }
        return object != nil && members.allSatisfy { self[$0.key]?.contains($0.value) == true }
    }
}

// A selection, compiled for one resource.

import Buffers
import Storage

/// Tells which objects of one resource a reader sees.
public final class Filter: Sendable {
    enum Scope: Sendable { case all, namespace, object }

    enum LabelTest: Sendable {
        case isIn(Interned, [Interned])
        case notIn(Interned, [Interned])
        case exists(Interned)
        case absent(Interned)
        case greaterThan(Interned, Int64)
        case lessThan(Interned, Int64)
    }

    struct FieldTest: Sendable {
        let target: FieldRequirement.Target
        let value: Bytes
        let isEqual: Bool
    }

    let scope: Scope
    /// How the keys in scope begin; the whole key when the scope is one object.
    let keyStart: Bytes
    let labels: [LabelTest]
    let fields: [FieldTest]

    init(_ selection: Selection, form: ObjectForm) {
        let named = Self.resolvingNames(selection, isNamespaced: form.description.isNamespaced)
        (scope, keyStart) = Self.scope(named, form)
        labels = selection.labels.map { LabelTest($0, form.interning) }
        fields = named.fields.map {
            FieldTest(target: $0.target, value: Bytes($0.value), isEqual: $0.isEqual)
        }
    }

    /// The keys that may match.
    public var range: KeyRange {
        scope == .object ? .only(Key(keyStart)) : .prefix(Key(keyStart))
    }

    /// Whether every object of `range` matches, so that lists can be joined from whole leaves.
    public var isRangeOnly: Bool { labels.isEmpty && fields.isEmpty }

    /// What has to be read of the past besides the events: a filter that selects by the key alone
    /// does not look at what was modified.
    var previousItems: HistoryRequest.Previous { isRangeOnly ? .ofDeletions : .ofAll }

    /// Whether the reader sees `object`.
    public func matches(_ object: CachedObject) -> Bool {
        covers(object) && selects(object)
    }

    /// Whether `object`, which lies in `range`, meets all requirements.
    public func selects(_ object: CachedObject) -> Bool {
        for test in fields where !test.passes(object) { return false }
        for test in labels where !test.passes(object.labels) { return false }
        return true
    }

    private func covers(_ object: CachedObject) -> Bool {
        switch scope {
        case .all: true
        case .namespace: object.keyScope == keyStart
        case .object: object.key.bytes == keyStart
        }
    }

    /// How a watcher with this filter sees an event; `nil` when it does not.
    func change(_ event: LogEvent) -> WatchedEvent.Change? {
        guard covers(event.object) else { return nil }
        if isRangeOnly {
            switch event.kind {
            case .added: return .added
            case .modified: return .modified
            case .deleted: return .deleted
            }
        }
        let isSeen = event.kind != .deleted && selects(event.object)
        let wasSeen = event.previous.map { selects($0) } ?? false
        switch (wasSeen, isSeen) {
        case (false, false): return nil
        case (false, true): return .added
        case (true, true): return .modified
        case (true, false): return .deleted
        }
    }
}

extension Filter {
    /// Takes `metadata.name=x` and `metadata.namespace=x` out of the fields when they say where to
    /// look. One that contradicts the selection stays, and matches nothing.
    private static func resolvingNames(_ selection: Selection, isNamespaced: Bool) -> Selection {
        var result = selection
        result.fields = selection.fields.filter { !isResolved($0, &result, isNamespaced) }
        if isNamespaced, result.namespace == nil, let name = result.name {
            // A name without a namespace is no range of keys.
            result.fields.append(FieldRequirement(.name, name))
        }
        return result
    }

    /// Whether the place that `selection` names says all that `requirement` does.
    private static func isResolved(
        _ requirement: FieldRequirement, _ selection: inout Selection, _ isNamespaced: Bool
    ) -> Bool {
        guard requirement.isEqual, !requirement.value.isEmpty else { return false }
        switch requirement.target {
        case .name:
            selection.name = selection.name ?? requirement.value
            return selection.name == requirement.value
        case .namespace where isNamespaced:
            selection.namespace = selection.namespace ?? requirement.value
            return selection.namespace == requirement.value
        default: return false
        }
    }

    private static func scope(_ selection: Selection, _ form: ObjectForm) -> (Scope, Bytes) {
        let start = form.description.name + "/"
        switch (form.description.isNamespaced, selection.namespace, selection.name) {
        case (true, let namespace?, let name?):
            return (.object, Bytes(start + namespace + "/" + name))
        case (true, let namespace?, nil): return (.namespace, Bytes(start + namespace + "/"))
        case (false, _, let name?): return (.object, Bytes(start + name))
        default: return (.all, form.keyPrefix)
        }
    }
}

extension Filter.LabelTest {
    init(_ requirement: LabelRequirement, _ interning: InternTable) {
        func text(_ text: String) -> Interned { interning.text(text) }
        self =
            switch requirement {
            case .isIn(let name, let values): .isIn(text(name), values.map(text))
            case .notIn(let name, let values): .notIn(text(name), values.map(text))
            case .exists(let name): .exists(text(name))
            case .absent(let name): .absent(text(name))
            case .greaterThan(let name, let bound): .greaterThan(text(name), bound)
            case .lessThan(let name, let bound): .lessThan(text(name), bound)
            }
    }

    func passes(_ labels: LabelSet) -> Bool {
        switch self {
        case .isIn(let name, let values):
            guard let value = labels.value(of: name) else { return false }
            return values.contains { $0 === value }
        case .notIn(let name, let values):
            guard let value = labels.value(of: name) else { return true }
            return !values.contains { $0 === value }
        case .exists(let name): return labels.value(of: name) != nil
        case .absent(let name): return labels.value(of: name) == nil
        case .greaterThan(let name, let bound):
            return labels.value(of: name).flatMap { Int64($0.text) }.map { $0 > bound } ?? false
        case .lessThan(let name, let bound):
            return labels.value(of: name).flatMap { Int64($0.text) }.map { $0 < bound } ?? false
        }
    }
}

extension Filter.FieldTest {
    func passes(_ object: CachedObject) -> Bool {
        let hasValue =
            switch target {
            case .name: object.name == value
            case .namespace: object.namespace == value
            case .field(let index): object.field(index, equals: value)
            }
        return hasValue == isEqual
    }
}

extension ResourceCache {
    /// Compiles a selection.
    /// - Precondition: each `.field` is an index of the resource's `fieldNames`.
    public func filter(_ selection: Selection) -> Filter {
        for case .field(let index) in selection.fields.map(\.target) {
            precondition(description.fieldNames.indices.contains(index), "field \(index)")
        }
        return Filter(selection, form: form)
    }
}

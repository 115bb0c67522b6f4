// Finds the watchers that an event may concern.

import Buffers
import Storage

/// Each watcher stands in one list: that of its key, of a field's value, of a label's value, of
/// its namespace, or of the rest; the first of these that its filter has. An event then visits
/// the lists of its own key, values and namespace.
struct WatcherIndex {
    private enum Place {
        case key(Bytes)
        case field(Int, Bytes)
        case label(Interned, Interned)
        case namespace(Bytes)
        case rest
    }

    private var byKey: [Bytes: WatcherList] = [:]
    private var byField: [[Bytes: WatcherList]]
    private var byLabel: [Interned: [Interned: WatcherList]] = [:]
    private var byNamespace: [Bytes: WatcherList] = [:]
    private let rest = WatcherList()

    init(fieldCount: Int) { byField = Array(repeating: [:], count: fieldCount) }

    private static func place(_ filter: Filter) -> Place {
        if filter.scope == .object { return .key(filter.keyStart) }
        for test in filter.fields where test.isEqual {
            if case .field(let index) = test.target { return .field(index, test.value) }
        }
        for case .isIn(let name, let values) in filter.labels where values.count == 1 {
            return .label(name, values[0])
        }
        return filter.scope == .namespace ? .namespace(filter.keyStart) : .rest
    }

    mutating func insert(_ watcher: Watcher) {
        func append(to list: inout WatcherList?) {
            if list == nil { list = WatcherList() }
            list?.append(watcher)
        }
        switch Self.place(watcher.filter) {
        case .key(let key): append(to: &byKey[key])
        case .field(let index, let value): append(to: &byField[index][value])
        case .label(let name, let value): append(to: &byLabel[name, default: [:]][value])
        case .namespace(let scope): append(to: &byNamespace[scope])
        case .rest: rest.append(watcher)
        }
    }

    mutating func remove(_ watcher: Watcher) {
        guard let list = watcher.list else { return }
        list.remove(watcher)
        guard list.isEmpty else { return }
        switch Self.place(watcher.filter) {
        case .key(let key): byKey[key] = nil
        case .field(let index, let value): byField[index][value] = nil
        case .label(let name, let value):
            byLabel[name]?[value] = nil
            if byLabel[name]?.isEmpty == true { byLabel[name] = nil }
        case .namespace(let scope): byNamespace[scope] = nil
        case .rest: break
        }
    }

    /// Shows the lists in which watchers of `event` may stand, each once.
    func visitLists(of event: LogEvent, _ body: (WatcherList) -> Void) {
        if !rest.isEmpty { body(rest) }
        let object = event.object
        if !byKey.isEmpty, let list = byKey[object.key.bytes] { body(list) }
        if !byNamespace.isEmpty, let list = byNamespace[object.keyScope] { body(list) }
        for (index, lists) in byField.enumerated() where !lists.isEmpty {
            let value = object.field(index)
            if let list = lists[value] { body(list) }
            guard let previous = event.previous, !previous.field(index, equals: value) else {
                continue
            }
            if let list = lists[previous.field(index)] { body(list) }
        }
        for (name, lists) in byLabel {
            let value = object.labels.value(of: name)
            if let value, let list = lists[value] { body(list) }
            guard let previous = event.previous?.labels.value(of: name), previous !== value else {
                continue
            }
            if let list = lists[previous] { body(list) }
        }
    }
}

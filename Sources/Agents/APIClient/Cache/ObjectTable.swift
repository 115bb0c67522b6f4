// The objects that an informer knows, and what changes them.

import APIModel
import JSON

/// An object's name, with its namespace when it has one.
public struct ObjectKey: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let namespace: String
    public let name: String

    public init(namespace: String = "", name: String) {
        self.namespace = namespace
        self.name = name
    }

    init(of object: JSONValue) {
        let metadata = ObjectMeta(of: object)
        self.init(namespace: metadata.namespace, name: metadata.name)
    }

    public var description: String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

    public static func < (left: ObjectKey, right: ObjectKey) -> Bool {
        (left.namespace, left.name) < (right.namespace, right.name)
    }
}

/// One change of the objects that an informer knows.
public enum ObjectChange: Sendable {
    case added(JSONValue)
    case updated(old: JSONValue, new: JSONValue)
    /// With the state that was known last.
    case deleted(JSONValue)
}

/// Values under which an object is found, such as the node of a pod.
public struct ObjectIndex: Sendable {
    public let name: String
    public let values: @Sendable (JSONValue) -> [String]

    public init(_ name: String, values: @escaping @Sendable (JSONValue) -> [String]) {
        self.name = name
        self.values = values
    }
}

/// Objects by name and by index, as they are at one revision. Performs no I/O.
struct ObjectTable: Sendable {
    private(set) var objects: [ObjectKey: JSONValue] = [:]
    /// Up to which everything is known; nil before the first list.
    private(set) var revision: String?
    private var found: [String: [String: Set<ObjectKey>]] = [:]
    private let indexes: [ObjectIndex]

    init(_ indexes: [ObjectIndex]) { self.indexes = indexes }

    /// What one step changed: for handlers, and for the file.
    struct Step: Sendable {
        var changes: [ObjectChange] = []
        /// Objects as they are now; nil for one that is gone.
        var written: [ObjectKey: JSONValue?] = [:]
        var revision: String?
    }

    func keys(_ index: String, _ value: String) -> Set<ObjectKey> { found[index]?[value] ?? [] }

    /// Takes what a file held.
    mutating func restore(_ objects: [ObjectKey: JSONValue], revision: String) {
        for (key, object) in objects { set(key, object) }
        self.revision = revision
    }

    /// Takes events of a watch.
    mutating func apply(_ events: [WatchEvent]) -> Step {
        var step = Step()
        for event in events {
            switch event {
            case .added(let object), .modified(let object): put(object, &step)
            case .deleted(let object): remove(ObjectKey(of: object), &step)
            case .bookmark: break
            }
            revision = event.revision
        }
        step.revision = revision
        return step
    }

    /// Takes a whole state: what differs from the one before is told as changes.
    mutating func replace(with listed: [JSONValue], revision: String) -> Step {
        var step = Step()
        var gone = Set(objects.keys)
        for object in listed {
            gone.remove(ObjectKey(of: object))
            put(object, &step)
        }
        for key in gone.sorted() { remove(key, &step) }
        self.revision = revision
        step.revision = revision
        return step
    }

    private mutating func put(_ object: JSONValue, _ step: inout Step) {
        let key = ObjectKey(of: object)
        let old = objects[key]
        if let old, Self.isSame(old, object) { return }
        set(key, object)
        step.changes.append(old.map { .updated(old: $0, new: object) } ?? .added(object))
        step.written[key] = .some(object)
    }

    /// The same version of the same object: a relist tells of many that have not changed.
    private static func isSame(_ old: JSONValue, _ new: JSONValue) -> Bool {
        let (old, new) = (ObjectMeta(of: old), ObjectMeta(of: new))
        return old.resourceVersion == new.resourceVersion && old.uid == new.uid
    }

    private mutating func remove(_ key: ObjectKey, _ step: inout Step) {
        guard let old = objects.removeValue(forKey: key) else { return }
        forget(key, old)
        step.changes.append(.deleted(old))
        step.written[key] = .some(nil)
    }

    private mutating func set(_ key: ObjectKey, _ object: JSONValue) {
        if let old = objects.updateValue(object, forKey: key) { forget(key, old) }
        for index in indexes {
            for value in index.values(object) {
                found[index.name, default: [:]][value, default: []].insert(key)
            }
        }
    }

    private mutating func forget(_ key: ObjectKey, _ old: JSONValue) {
        for index in indexes {
            for value in index.values(old) {
                found[index.name]?[value]?.remove(key)
                if found[index.name]?[value]?.isEmpty == true { found[index.name]?[value] = nil }
            }
        }
    }
}

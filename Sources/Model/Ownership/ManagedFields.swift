// `metadata.managedFields`: who owns which fields of an object.

import APIModel
import Buffers
import JSON

/// The managers of an object's fields. Two managers may own one field: both wrote it, and neither
/// changed what the other wrote.
public struct ManagedFields: Sendable {
    /// No two of them are the same manager's.
    public private(set) var entries: [OwnedFields] = []

    /// Nobody owns anything.
    public init() {}

    public var isEmpty: Bool { entries.isEmpty }

    /// Reads them from bytes that were written here, or by a client.
    /// - Parameter written: a compact JSON array, or nothing.
    /// - Throws: `FieldsError` for what is no entry.
    public init(written: Bytes) throws(FieldsError) {
        var ranges: [Range<Int>] = []
        let isList = written.withUnsafeBytes { buffer in
            var scanner = JSONScanner(buffer)
            guard scanner.enterArray() else { return buffer.isEmpty }
            while scanner.nextElement() { ranges.append(scanner.skipValue()) }
            return true
        }
        guard isList else { throw FieldsError("managedFields must be a list") }
        for range in ranges { set(try OwnedFields(written: written[range])) }
    }

    /// Reads them from what a client sent.
    /// - Throws: `FieldsError` for what is no entry, or no set of fields.
    public init(sent: JSONValue) throws(FieldsError) {
        try self.init(written: sent.bytes)
        for entry in entries { try entry.check() }
    }

    /// As a compact JSON array; empty when nobody owns anything.
    public var bytes: Bytes {
        guard !isEmpty else { return .empty }
        var buffer = ByteBuffer(reserving: 1024)
        var mark = UInt8(ascii: "[")
        for entry in sorted {
            buffer.append(mark)
            entry.write(into: &buffer)
            mark = UInt8(ascii: ",")
        }
        buffer.append(UInt8(ascii: "]"))
        return buffer.freeze()
    }

    /// Appliers before updaters, each from the oldest to the newest.
    private var sorted: [OwnedFields] {
        guard entries.count > 1 else { return entries }
        return entries.sorted { first, second in
            let (mine, its) = (first.owner, second.owner)
            return (
                mine.operation.rawValue, first.time?.seconds ?? 0, mine.name, mine.apiVersion,
                mine.subresource
            ) < (
                its.operation.rawValue, second.time?.seconds ?? 0, its.name, its.apiVersion,
                its.subresource
            )
        }
    }

    /// What `owner` owns.
    public func entry(of owner: FieldOwner) -> OwnedFields? {
        entries.first { $0.owner.isSame(as: owner) }
    }

    /// Gives a manager exactly these fields; none at all when the entry's set is empty.
    public mutating func set(_ entry: OwnedFields) {
        if let index = entries.firstIndex(where: { $0.owner.isSame(as: entry.owner) }) {
            entries[index] = entry
        } else {
            entries.append(entry)
        }
    }

    /// Takes fields from everybody for whom `isAffected` holds. Who owns nothing then is forgotten.
    public mutating func take(_ fields: FieldSet, where isAffected: (FieldOwner) -> Bool) {
        guard !fields.isEmpty else { return }
        for index in entries.indices where isAffected(entries[index].owner) {
            let set = entries[index].set
            if !set.isDisjoint(with: fields) { entries[index].set = set.subtracting(fields) }
        }
        forgetEmpty()
    }

    /// Forgets those who own nothing.
    public mutating func forgetEmpty() { entries.removeAll { $0.isEmpty } }

    /// Whether this is what a client sends to have all owners forgotten: an empty list, or a list
    /// of one empty entry.
    public static func isReset(_ sent: JSONValue) -> Bool {
        guard let elements = sent.array else { return false }
        return elements.isEmpty || elements.count == 1 && elements[0].object?.isEmpty == true
    }
}

extension ManagedFields {
    /// Who is written down for the changes of those who are no longer told apart.
    private static let oldUpdaterName = "ancient-changes"

    /// Puts the changes of the oldest updaters together, one entry for each version, until there
    /// are no more updaters than are told apart.
    public mutating func capUpdaters() {
        var excess = entries.count { $0.owner.operation == .update } - Limits.updaterCountMax
        guard excess > 0 else { return }
        let updaters = sorted.filter { $0.owner.operation == .update }
        var oldest: [String: OwnedFields] = [:]
        for updater in updaters where excess > 0 {
            let version = updater.owner.apiVersion
            guard let first = oldest[version] else {
                oldest[version] = updater
                continue
            }
            let bucket = FieldOwner(
                Self.oldUpdaterName, .update, apiVersion: version, subresource: "")
            var collected = entry(of: bucket) ?? first
            if entry(of: bucket) == nil { remove(first.owner) }
            remove(updater.owner)
            collected = OwnedFields(
                bucket, collected.set.union(updater.set), time: updater.time)
            set(collected)
            excess -= 1
        }
    }

    private mutating func remove(_ owner: FieldOwner) {
        entries.removeAll { $0.owner.isSame(as: owner) }
    }
}

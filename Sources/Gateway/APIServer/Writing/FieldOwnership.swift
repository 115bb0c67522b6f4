// Who owns the fields of an object that is about to be written.

import Buffers
import JSON
import Ownership
import Schema

/// How the owners of an object's fields are found.
enum FieldOwnership {
    /// Whoever changes a field owns it.
    case written
    /// The object says so in its metadata.managedFields.
    case settled
    /// They stay who they are.
    case kept

    /// The managedFields to keep.
    /// - Parameters:
    ///   - object: as the client wants it, before the server puts in what is its own.
    ///   - current: `nil` for a new object.
    func managedFields(
        of object: JSONValue, replacing current: CurrentObject?, _ request: WriteRequest
    ) -> Bytes {
        let sent = object[path: "metadata", "managedFields"]
        switch self {
        case .settled: return sent?.bytes ?? .empty
        case .kept: return current?.managedFields ?? .empty
        case .written: break
        }
        let before = Self.before(sent, current, request.target)
        // An object whose fields nobody has owned so far stays so until somebody applies it.
        if current != nil, before.isEmpty { return .empty }
        guard let managed = try? ManagedFields(written: before) else { return before }
        return request.attribution(.update)
            .owners(after: managed, from: current?.value, to: object).bytes
    }

    /// What the write starts from: what the client sends, as far as it understands that; a part of
    /// an object has no owners of its own.
    private static func before(
        _ sent: JSONValue?, _ current: CurrentObject?, _ target: WriteTarget
    ) -> Bytes {
        let kept = current?.managedFields ?? .empty
        guard let sent, !sent.isNull, target.subresource == nil else { return kept }
        if ManagedFields.isReset(sent) { return .empty }
        let bytes = sent.bytes
        guard bytes != kept, let managed = try? ManagedFields(sent: sent), !managed.isEmpty else {
            return kept
        }
        return bytes
    }
}

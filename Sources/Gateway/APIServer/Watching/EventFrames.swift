// Events as the bytes that watchers get: JSON, framed as one HTTP chunk, shared by all of a kind.

import APIModel
import Buffers
import HTTPWire
import JSON
import Storage
import WatchCache

/// Writes the JSON of events in one view.
protocol EventView: Sendable {
    /// Appends the event's `object`.
    func append(_ object: CachedObject, to buffer: inout ByteBuffer)
    /// How many bytes that appends; `nil` when only appending tells.
    func byteCount(of object: CachedObject) -> Int?
    /// Appends a bookmark's `object`: an object of the view's kind with nothing but a revision.
    func appendBookmark(
        _ revision: Revision, annotations: StaticString?, to buffer: inout ByteBuffer)
}

/// Encodes events for watch streams: a line of JSON in a chunk. One instance per resource and view
/// is shared by all its watchers, so that each event is encoded once.
final class EventFrames: EventEncoder, Sendable {
    private let view: any EventView

    init(_ view: any EventView) { self.view = view }

    func encode(_ event: WatchedEvent) -> Bytes {
        let document = EventDocument(view: view)
        if let count = document.byteCount(of: event) {
            // Written once, into memory that fits: of past events, each is encoded for one reader.
            var buffer = ByteBuffer(
                reserving: count + 1 + ChunkFraming.overheadByteCount(of: count + 1))
            ChunkFraming.appendStart(of: count + 1, to: &buffer)
            document.append(event, to: &buffer)
            buffer.append(literal: "\n\r\n")
            return buffer.freeze()
        }
        var buffer = ByteBuffer(reserving: 512)
        document.append(event, to: &buffer)
        buffer.append(0x0a)
        return ChunkFraming.frame(buffer.freeze())
    }
}

/// Encodes events for a long-poll's document: the JSON alone.
final class EventItems: EventEncoder, Sendable {
    private let view: any EventView

    init(_ view: any EventView) { self.view = view }

    func encode(_ event: WatchedEvent) -> Bytes {
        var buffer = ByteBuffer(reserving: 512)
        EventDocument(view: view).append(event, to: &buffer)
        return buffer.freeze()
    }
}

/// `{"type":…,"object":…}`
struct EventDocument {
    let view: any EventView

    func append(_ event: WatchedEvent, to buffer: inout ByteBuffer) {
        switch event {
        case .change(.added, let object): append("ADDED", object, to: &buffer)
        case .change(.modified, let object): append("MODIFIED", object, to: &buffer)
        case .change(.deleted, let object): append("DELETED", object, to: &buffer)
        case .bookmark(let revision): appendBookmark(revision, nil, to: &buffer)
        case .initialEventsEnd(let revision):
            appendBookmark(revision, Self.initialEventsEnd, to: &buffer)
        }
    }

    /// How many bytes `append` appends; `nil` when only appending tells.
    func byteCount(of event: WatchedEvent) -> Int? {
        guard case .change(let change, let object) = event else { return nil }
        let type: StaticString =
            switch change {
            case .added: "ADDED"
            case .modified: "MODIFIED"
            case .deleted: "DELETED"
            }
        let around = Self.beforeType.utf8CodeUnitCount + Self.beforeObject.utf8CodeUnitCount + 1
        return view.byteCount(of: object).map { $0 + type.utf8CodeUnitCount + around }
    }

    private static let beforeType: StaticString = "{\"type\":\""
    private static let beforeObject: StaticString = "\",\"object\":"

    private func append(
        _ type: StaticString, _ object: CachedObject, to buffer: inout ByteBuffer
    ) {
        buffer.append(literal: Self.beforeType)
        buffer.append(literal: type)
        buffer.append(literal: Self.beforeObject)
        view.append(object, to: &buffer)
        buffer.append(0x7d)
    }

    private func appendBookmark(
        _ revision: Revision, _ annotations: StaticString?, to buffer: inout ByteBuffer
    ) {
        buffer.append(literal: "{\"type\":\"BOOKMARK\",\"object\":")
        view.appendBookmark(revision, annotations: annotations, to: &buffer)
        buffer.append(0x7d)
    }

    /// What marks the end of the present state (Kubernetes enhancement 3157).
    private static let initialEventsEnd: StaticString =
        #""annotations":{"k8s.io/initial-events-end":"true"}"#
}

extension EventView {
    func byteCount(of object: CachedObject) -> Int? { nil }
}

/// The object itself.
struct ObjectEventView: EventView {
    let form: ServedForm

    func byteCount(of object: CachedObject) -> Int? {
        form.bodyByteCount(of: object).map { form.objectPrefix.count + $0 }
    }

    func append(_ object: CachedObject, to buffer: inout ByteBuffer) {
        buffer.append(form.objectPrefix)
        buffer.append(form.body(of: object))
    }

    func appendBookmark(
        _ revision: Revision, annotations: StaticString?, to buffer: inout ByteBuffer
    ) {
        buffer.append(form.objectPrefix)
        BookmarkMetadata.append(revision, annotations, to: &buffer)
    }
}

/// The object's metadata alone.
struct PartialObjectMetadataEventView: EventView {
    let form: ServedForm

    func append(_ object: CachedObject, to buffer: inout ByteBuffer) {
        PartialObjectMetadata.append(form.body(of: object), to: &buffer)
    }

    func appendBookmark(
        _ revision: Revision, annotations: StaticString?, to buffer: inout ByteBuffer
    ) {
        buffer.append(
            literal: #"{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","#)
        BookmarkMetadata.append(revision, annotations, to: &buffer)
    }
}

/// The object as a table of one row.
struct TableEventView: EventView {
    let form: ServedForm
    let table: TableView

    func append(_ object: CachedObject, to buffer: inout ByteBuffer) {
        buffer.append(
            table.document(
                [form.body(of: object)], ObjectTableHead(revision: object.revision.description)))
        buffer.truncate(to: buffer.count - 1)
    }

    func appendBookmark(
        _ revision: Revision, annotations: StaticString?, to buffer: inout ByteBuffer
    ) {
        buffer.append(literal: #"{"kind":"Table","apiVersion":"meta.k8s.io/v1","#)
        buffer.append(literal: "\"metadata\":{\"resourceVersion\":\"")
        buffer.append(decimal: revision.rawValue)
        buffer.append(
            literal: "\"},\"columnDefinitions\":null,\"rows\":[{\"cells\":null,\"object\":")
        PartialObjectMetadataEventView(form: form).appendBookmark(
            revision, annotations: annotations, to: &buffer)
        buffer.append(literal: "}]}")
    }
}

/// `"metadata":{…}}`: the rest of a bookmark's object.
private enum BookmarkMetadata {
    static func append(
        _ revision: Revision, _ annotations: StaticString?, to buffer: inout ByteBuffer
    ) {
        buffer.append(literal: "\"metadata\":{\"resourceVersion\":\"")
        buffer.append(decimal: revision.rawValue)
        buffer.append(literal: "\",\"creationTimestamp\":null")
        if let annotations {
            buffer.append(0x2c)
            buffer.append(literal: annotations)
        }
        buffer.append(literal: "}}")
    }
}

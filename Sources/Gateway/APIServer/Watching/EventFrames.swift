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
        var buffer = ByteBuffer(reserving: 512)
        EventDocument(view: view).append(event, to: &buffer)
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

    private func append(
        _ type: StaticString, _ object: CachedObject, to buffer: inout ByteBuffer
    ) {
        buffer.append(literal: "{\"type\":\"")
        buffer.append(literal: type)
        buffer.append(literal: "\",\"object\":")
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

/// The object itself.
struct ObjectEventView: EventView {
    let objectPrefix: Bytes

    func append(_ object: CachedObject, to buffer: inout ByteBuffer) {
        buffer.append(objectPrefix)
        buffer.append(object.body)
    }

    func appendBookmark(
        _ revision: Revision, annotations: StaticString?, to buffer: inout ByteBuffer
    ) {
        buffer.append(objectPrefix)
        BookmarkMetadata.append(revision, annotations, to: &buffer)
    }
}

/// The object's metadata alone.
struct PartialObjectMetadataEventView: EventView {
    func append(_ object: CachedObject, to buffer: inout ByteBuffer) {
        PartialObjectMetadata.append(object.body, to: &buffer)
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
    let table: TableView

    func append(_ object: CachedObject, to buffer: inout ByteBuffer) {
        buffer.append(
            table.document(
                [object.body], ObjectTableHead(revision: object.revision.description)))
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
        PartialObjectMetadataEventView().appendBookmark(
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

// Objects as rows of a table, as kubectl prints them (Kubernetes enhancement 363).

import APIModel
import Buffers
import JSON
import Resources
import Schema
import Storage

/// What stands at the head of a table.
protocol TableHead {
    /// The members of the table's `metadata`, without braces.
    func appendMetadata(to buffer: inout ByteBuffer)
}

extension ListDocument: TableHead {
    func appendMetadata(to buffer: inout ByteBuffer) {
        buffer.append(literal: "\"resourceVersion\":\"")
        buffer.append(decimal: revision.rawValue)
        buffer.append(0x22)
        appendPaging(to: &buffer)
    }
}

/// A table of one object shows that object's revision.
struct ObjectTableHead: TableHead {
    let revision: String

    func appendMetadata(to buffer: inout ByteBuffer) {
        buffer.append(literal: "\"resourceVersion\":\"")
        buffer.append(utf8: revision)
        buffer.append(0x22)
    }
}

struct TableView {
    /// What each row carries of its object (`includeObject`).
    enum IncludedObject: String, CaseIterable {
        case none = "None"
        case metadata = "Metadata"
        case object = "Object"

        /// `nil` when the query does not say, or says something else.
        init?(_ query: QueryItems) {
            guard let value = query["includeObject"] else { return nil }
            self.init(rawValue: value)
        }
    }

    let resource: Resource
    let objectPrefix: Bytes
    let columnDefinitions: Bytes
    let includedObject: IncludedObject

    init(endpoint: ResourceEndpoint, includedObject: IncludedObject) {
        self.init(
            resource: endpoint.resource, objectPrefix: endpoint.objectPrefix,
            columnDefinitions: endpoint.columnDefinitions, includedObject: includedObject)
    }

    init(
        resource: Resource, objectPrefix: Bytes, columnDefinitions: Bytes,
        includedObject: IncludedObject
    ) {
        self.resource = resource
        self.objectPrefix = objectPrefix
        self.columnDefinitions = columnDefinitions
        self.includedObject = includedObject
    }

    /// - Parameter bodies: the objects' bytes as the cache keeps them.
    func document(_ bodies: [Bytes], _ head: some TableHead) -> Bytes {
        var buffer = ByteBuffer(reserving: 1024 + 512 * bodies.count)
        buffer.append(
            literal: #"{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{"#)
        head.appendMetadata(to: &buffer)
        buffer.append(literal: "},\"columnDefinitions\":")
        buffer.append(columnDefinitions)
        buffer.append(literal: ",\"rows\":[")
        let now = WallClock.now()
        var isFirst = true
        for body in bodies {
            if !isFirst { buffer.append(0x2c) }
            isFirst = false
            appendRow(body, now, to: &buffer)
        }
        buffer.append(literal: "]}\n")
        return buffer.freeze()
    }

    private func appendRow(_ body: Bytes, _ now: Timestamp, to buffer: inout ByteBuffer) {
        buffer.append(literal: "{\"cells\":")
        cells(of: body, now).write(into: &buffer)
        switch includedObject {
        case .none: break
        case .metadata:
            buffer.append(literal: ",\"object\":")
            PartialObjectMetadata.append(body, to: &buffer)
        case .object:
            buffer.append(literal: ",\"object\":")
            buffer.append(objectPrefix)
            buffer.append(body)
        }
        buffer.append(0x7d)
    }

    private func cells(of body: Bytes, _ now: Timestamp) -> JSONValue {
        var buffer = ByteBuffer(reserving: objectPrefix.count + body.count)
        buffer.append(objectPrefix)
        buffer.append(body)
        guard let object = try? JSONValue(parsing: buffer.freeze()) else {
            return .array(resource.definition.columns.map { _ in .null })
        }
        return .array(resource.cells(of: object, now: now))
    }

    /// The columns as the table describes them.
    static func columnDefinitions(of definition: ResourceDefinition) -> Bytes {
        JSONValue.array(
            definition.columns.map { column in
                [
                    "name": .string(column.name), "type": .string(column.type),
                    "format": .string(column.format),
                    "description": .string(column.description),
                    "priority": .number(JSONNumber(Int64(column.priority))),
                ]
            }
        ).bytes
    }
}

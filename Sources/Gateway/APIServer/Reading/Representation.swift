// An object or a list in the form that the client asked for.

import APIModel
import Buffers
import Compression
import JSON
import Schema
import Storage
import WatchCache

struct Representation {
    let endpoint: ResourceEndpoint
    let acceptance: Acceptance
    var includeObject = TableView.IncludedObject.metadata

    init(endpoint: ResourceEndpoint, acceptance: Acceptance, query: QueryItems) {
        self.endpoint = endpoint
        self.acceptance = acceptance
        includeObject = TableView.IncludedObject(query) ?? .metadata
    }

    /// An object of the cache.
    func answer(for object: CachedObject) throws(APIStatus) -> Answer {
        let body = endpoint.form.body(of: object)
        switch acceptance.view {
        case .object, .aggregatedDiscovery:
            guard acceptance.format == .yaml else {
                return Answer(json: [endpoint.objectPrefix, body, "\n"])
            }
            return try Self.document(endpoint.form.whole(body), acceptance)
        case .table:
            return try Self.document(
                table.document(
                    [body], ObjectTableHead(revision: object.revision.description)),
                acceptance)
        case .partialObjectMetadata:
            return try Self.document(PartialObjectMetadata.bytes(of: body), acceptance)
        }
    }

    /// A list.
    func answer(for listing: Listing, gzip: Bool) throws(APIStatus) -> Answer {
        if acceptance == .json, listing.isWholeRange, endpoint.form.hasSameBodies {
            return wholeRange(listing, gzip: gzip)
        }
        let page = listing.page()
        switch acceptance.view {
        case .object, .aggregatedDiscovery:
            return try Self.document(page.document.bytes(of: page.objects), acceptance)
        case .table:
            return try Self.document(
                table.document(page.objects.map(endpoint.form.body), page.document), acceptance)
        case .partialObjectMetadata:
            return try Self.document(
                PartialObjectMetadata.list(
                    of: page.objects.map(endpoint.form.body), page.document), acceptance)
        }
    }

    /// The list's head and tail around the leaves' shared bytes, compressed or not.
    private func wholeRange(_ listing: Listing, gzip: Bool) -> Answer {
        let head = ListDocument(endpoint: endpoint, revision: listing.snapshot.revision).head
        let range = listing.filter.range
        if gzip, listing.snapshot.count(in: range) > 0 {
            var answer = Answer(
                json: listing.snapshot.gzipList(head: head, range: range, tail: ListDocument.tail))
            answer.isGzipped = true
            return answer
        }
        let items = listing.snapshot.items(in: range)
        return Answer(json: [head] + items.parts + [ListDocument.tail])
    }

    private var table: TableView {
        TableView(endpoint: endpoint, includedObject: includeObject)
    }

    /// A JSON document as JSON or as YAML.
    static func document(_ json: Bytes, _ acceptance: Acceptance) throws(APIStatus) -> Answer {
        guard acceptance.format == .yaml else { return Answer(json: [json]) }
        var answer = Answer(json: [try YAMLEncoder.encode(json)])
        answer.contentType = acceptance.format.contentType
        return answer
    }
}

// The documents that describe the API: made once, served as bytes.

import APIModel
import Buffers
import HTTPServer
import JSON
import Resources
import Schema

/// A document and a hash of it.
struct ServedDocument: Sendable {
    let bytes: Bytes
    let hash: String

    init(_ document: JSONValue) {
        var buffer = ByteBuffer(reserving: 4096)
        document.write(into: &buffer)
        buffer.append(0x0a)
        self.init(bytes: buffer.freeze())
    }

    init(bytes: Bytes) {
        self.bytes = bytes
        hash = StableHash.hexadecimal(of: bytes)
    }
}

/// Discovery, OpenAPI and version, for one set of resources.
struct ServedDocuments: Sendable {
    private let discovery: DiscoveryDocuments
    private let coreAggregated: ServedDocument
    private let groupsAggregated: ServedDocument
    private let openAPI: OpenAPIDocuments
    let version: ServedDocument
    /// `/`: the paths that there are.
    let paths: ServedDocument

    init(_ catalog: Catalog, version: ServerVersion) {
        let definitions = catalog.resources.map(\.definition)
        discovery = DiscoveryDocuments(definitions)
        coreAggregated = ServedDocument(discovery.aggregated(core: true))
        groupsAggregated = ServedDocument(discovery.aggregated(core: false))
        openAPI = OpenAPIDocuments(catalog)
        self.version = ServedDocument(version.document)
        let health = HealthEndpoint.allCases.map { "/\($0.rawValue)" }
        let openAPIPaths =
            ["/openapi/v2", "/openapi/v3"] + openAPI.v3.keys.map { "/openapi/v3/\($0)" }
        paths = ServedDocument([
            "paths": .strings(
                (discovery.paths + health + openAPIPaths + ["/metrics", "/version"]).sorted())
        ])
    }

    /// The OpenAPI 2.0 document as kubectl reads it.
    var openAPIv2Protobuf: ServedDocument { openAPI.v2Protobuf }

    /// The document that `route` names; `nil` when there is none.
    func document(
        _ route: Route, _ view: Acceptance.View, serverAddress: String
    ) -> ServedDocument? {
        switch route {
        case .coreVersions:
            view == .aggregatedDiscovery
                ? coreAggregated
                : ServedDocument(discovery.coreVersions(serverAddress: serverAddress))
        case .groups:
            view == .aggregatedDiscovery
                ? groupsAggregated : ServedDocument(discovery.groupList)
        case .group(let name): discovery.group(name).map(ServedDocument.init)
        case .resources(let groupVersion):
            discovery.resources(groupVersion).map(ServedDocument.init)
        case .openAPIv2: openAPI.v2
        case .openAPIv3: openAPI.index
        case .openAPIv3Document(let path): openAPI.v3[path]
        case .version: version
        case .root: paths
        default: nil
        }
    }
}

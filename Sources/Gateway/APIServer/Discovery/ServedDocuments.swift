// The documents that describe the API: made once, served as bytes.

import APIModel
import Buffers
import HTTPServer
import JSON
import Resources
import Schema
import Synchronization

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

/// Documents that are made when they are first asked for, or before, beside the requests.
private final class LateDocuments: Sendable {
    private let made = Mutex<OpenAPIDocuments?>(nil)
    private let make: @Sendable () -> OpenAPIDocuments

    init(_ make: @escaping @Sendable () -> OpenAPIDocuments) { self.make = make }

    /// Whoever asks while they are being made waits for them.
    var documents: OpenAPIDocuments {
        made.withLock { documents in
            if let documents { return documents }
            let new = make()
            documents = new
            return new
        }
    }
}

/// Discovery, OpenAPI and version, for one set of resources.
struct ServedDocuments: Sendable {
    private let discovery: DiscoveryDocuments
    private let coreAggregated: ServedDocument
    private let groupsAggregated: ServedDocument
    private let late: LateDocuments
    private var openAPI: OpenAPIDocuments { late.documents }
    let version: ServedDocument
    /// `/`: the paths that there are.
    let paths: ServedDocument

    init(_ catalog: Catalog, version: ServerVersion) {
        self.init(
            catalog, version: ServedDocument(version.document),
            LateDocuments { OpenAPIDocuments(catalog) })
        Task.detached(priority: .utility) { [self] in prepare() }
    }

    private init(_ catalog: Catalog, version: ServedDocument, _ late: LateDocuments) {
        let definitions = catalog.resources.map(\.definition)
        discovery = DiscoveryDocuments(definitions)
        coreAggregated = ServedDocument(discovery.aggregated(core: true))
        groupsAggregated = ServedDocument(discovery.aggregated(core: false))
        self.late = late
        self.version = version
        let health = HealthEndpoint.allCases.map { "/\($0.rawValue)" }
        let openAPIPaths =
            ["/openapi/v2", "/openapi/v3"]
            + Set(definitions.map { "/openapi/v3/\(OpenAPIDocuments.path(of: $0.groupVersion))" })
        paths = ServedDocument([
            "paths": .strings(
                (discovery.paths + health + openAPIPaths + ["/metrics", "/version"]).sorted())
        ])
    }

    /// The documents about `catalog`, which has all the kinds that these are about and the custom
    /// resources `added`.
    func adding(_ added: [Resource], of catalog: Catalog) -> ServedDocuments {
        guard !added.isEmpty else { return self }
        return ServedDocuments(
            catalog, version: version,
            LateDocuments { [late] in OpenAPIDocuments(catalog, reusing: late.documents) })
    }

    /// Makes what takes long, unless it is made already.
    func prepare() { _ = late.documents }

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

// The paths that name no resource: discovery, OpenAPI, version, health and metrics.

import APIModel
import Access
import Buffers
import HTTPServer
import HTTPWire
import JSON
import Observability
import Outbound
import Storage
import WatchCache

/// Answers requests for documents and reports.
struct PlainRoutes {
    let gateway: Gateway
    let request: Request

    func answer(_ route: Route) -> Answer {
        switch route {
        case .resource, .virtual: preconditionFailure("resources have their own way")
        case .unknown: return Answer(json: [gateway.documents.paths.bytes], status: 404)
        case .unknownGroup where mergedGroup != nil: return reading(.group(mergedGroup ?? ""))
        case .unknownGroup: return Answer(text: "404 page not found\n", status: 404)
        case .unknownResource: return Answer(.genericNotFound)
        case .malformed: preconditionFailure("malformed paths are refused before")
        default: return reading(route)
        }
    }

    private func reading(_ route: Route) -> Answer {
        guard request.head.method == .get || request.head.method == .head else {
            return Answer(.methodNotAllowed)
        }
        do {
            _ = try QueryItems(parsing: request.head.query)
        } catch {
            return Answer(error)
        }
        switch route {
        case .health(let endpoint, let check): return health(endpoint, check)
        case .metrics: return metrics
        case .issuerConfiguration:
            let authority = request.head.authority.description
            return issuer(
                gateway.tokenIssuer?.configuration(at: authority), "application/json")
        case .issuerKeys: return issuer(gateway.tokenIssuer?.keySet, "application/jwk-set+json")
        default: return document(route)
        }
    }

    /// What others need to check tokens; 404 when there is nobody who makes them.
    private func issuer(_ document: JSONValue?, _ contentType: Bytes) -> Answer {
        guard let document else {
            return Answer(json: [gateway.documents.paths.bytes], status: 404)
        }
        var answer = Answer(json: [document.bytes])
        answer.contentType = contentType
        return answer
    }

    private func document(_ route: Route) -> Answer {
        if case .openAPIv2 = route, wantsProtobuf { return openAPIv2Protobuf }
        guard let acceptance = Acceptance(request.head.headers.first("accept")) else {
            return Answer(.notAcceptable)
        }
        let host = request.head.authority.description
        let own = gateway.documents.document(route, acceptance.view, serverAddress: host)
        guard let document = merged(own, route, acceptance.view) else {
            return Answer(.genericNotFound)
        }
        var answer: Answer
        do {
            answer = try conditional(document) { (bytes) throws(APIStatus) in
                try Representation.document(bytes, acceptance)
            }
        } catch {
            return Answer(error)
        }
        if acceptance.view == .aggregatedDiscovery, route.hasAggregatedForm {
            answer.contentType =
                "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
        }
        return answer
    }

    /// The group that a path names which only other servers serve.
    private var mergedGroup: String? {
        var segments = PathSegments(request.head.path)
        guard segments.next() == "apis", let group = segments.next()?.description,
            segments.isAtEnd
        else { return nil }
        let isServed = gateway.extensionRegister.all.contains {
            $0.api.groupVersion.group == group
        }
        return isServed ? group : nil
    }

    /// A document together with what other servers serve.
    private func merged(
        _ own: ServedDocument?, _ route: Route, _ view: Acceptance.View
    ) -> ServedDocument? {
        guard !gateway.extensionRegister.isEmpty else { return own }
        let merged = MergedDiscovery(gateway.extensionRegister.all)
        let present = own.flatMap { try? JSONValue(parsing: $0.bytes) }
        switch route {
        case .group(let name): return merged.group(name, present).map { ServedDocument($0) }
        case .groups:
            guard let present else { return own }
            return ServedDocument(
                view == .aggregatedDiscovery
                    ? merged.aggregated(present) : merged.groupList(present))
        case .openAPIv3: return present.map { ServedDocument(merged.openAPI($0)) }
        default: return own
        }
    }

    private var wantsProtobuf: Bool {
        let accept = request.head.headers.first("accept")?.description ?? ""
        return OpenAPIv2Protobuf.mediaTypes.contains { accept.hasPrefix($0) }
    }

    private var openAPIv2Protobuf: Answer {
        var answer = conditional(gateway.documents.openAPIv2Protobuf) { Answer(json: [$0]) }
        answer.contentType = Bytes(OpenAPIv2Protobuf.mediaTypes[1])
        return answer
    }

    /// What `represent` makes of the document; 304 when the client has it.
    private func conditional<Failure: Error>(
        _ document: ServedDocument, _ represent: (Bytes) throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        let tags = request.head.headers.first("if-none-match")?.description ?? ""
        let tag = "\"\(document.hash)\""
        var answer =
            tags.contains(tag)
            ? Answer(json: [], status: 304) : try represent(document.bytes)
        answer.fields.append((name: "ETag", value: Bytes(tag)))
        answer.fields.append((name: "Vary", value: "Accept, Accept-Encoding"))
        return answer
    }

    private func health(_ endpoint: HealthEndpoint, _ check: String?) -> Answer {
        let report = HealthReport(endpoint: endpoint, checks: gateway.checks(for: endpoint))
        if let check { return report.answer(for: check) ?? Answer(.genericNotFound) }
        let query = try? QueryItems(parsing: request.head.query)
        return report.answer(isVerbose: query?["verbose"] != nil)
    }

    private var metrics: Answer {
        var buffer = ByteBuffer(reserving: 16 * 1024)
        gateway.writeMetrics(into: &buffer)
        var answer = Answer(json: [buffer.freeze()])
        answer.contentType = Bytes("\(MetricsRegistry.contentType)")
        return answer
    }
}

extension Route {
    /// Whether there is an aggregated form of the document.
    fileprivate var hasAggregatedForm: Bool {
        switch self {
        case .coreVersions, .groups: true
        default: false
        }
    }
}

// Subresources that lead to what runs on a node: `log`, `exec`, `attach`, `portforward`, `proxy`.

import APIModel
import Buffers
import HTTPServer
import HTTPWire
import JSON
import Resources
import Schema
import Storage
import WatchCache

/// A request that wants to be connected to a pod, a node or what stands behind a service. This
/// server connects nobody: it says what is missing in the order in which Kubernetes finds it out,
/// and at the end that it does not reach nodes.
struct Connection {
    let table: RoutingTable
    let target: ResourceTarget
    let query: QueryItems

    private var name: String { target.name?.description ?? "" }

    /// - Throws: 404 when the object or its node is not there, 400 when a pod has no such container
    ///   or no node yet, 503 when there is a node to connect to.
    func answer() throws(APIStatus) -> Answer {
        let object = try object(target.endpoint, target)
        switch target.endpoint.definition.plural {
        case "pods": return try answer(ofPod: object)
        case "services":
            throw .serviceUnavailable("no endpoints available for service \(name.quoted)")
        default: throw Self.unreachable(name)
        }
    }

    private func answer(ofPod pod: JSONValue) throws(APIStatus) -> Answer {
        let subresource = target.subresource?.description
        if subresource != "portforward", subresource != "proxy" { try checkContainer(of: pod) }
        let node = pod[path: "spec", "nodeName"]?.string ?? ""
        guard !node.isEmpty else {
            // What has not begun to run has written nothing yet.
            if subresource == "log" { return Answer(text: "") }
            throw .badRequest("pod \(name) does not have a host assigned")
        }
        let nodes = table.required("nodes", in: .core)
        _ = try object(
            nodes,
            ResourceTarget(
                endpoint: nodes, namespace: nil, name: Bytes(node), subresource: nil,
                isDeprecatedWatch: false))
        throw Self.unreachable(node)
    }

    /// A pod of several containers does not say which one is meant.
    private func checkContainer(of pod: JSONValue) throws(APIStatus) {
        let members = ["initContainers", "containers", "ephemeralContainers"]
        let names = members.flatMap { member in
            (pod["spec"]?[member]?.array ?? []).compactMap { $0["name"]?.string }
        }
        let isSingle = pod[path: "spec", "containers"]?.array?.count == 1
        guard let wanted = query["container"], !wanted.isEmpty else {
            guard !isSingle else { return }
            throw .badRequest(
                "a container name must be specified for pod \(name), choose one of: "
                    + "[\(names.joined(separator: " "))]")
        }
        guard names.contains(wanted) else {
            throw .badRequest("container \(wanted) is not valid for pod \(name)")
        }
    }

    private func object(
        _ endpoint: ResourceEndpoint, _ target: ResourceTarget
    ) throws(APIStatus) -> JSONValue {
        guard let object = endpoint.cache.servedSnapshot().object(Key(target.key)) else {
            throw .notFound(endpoint.qualifiedResource, target.name?.description ?? "")
        }
        return try StoredForm(endpoint: endpoint).decode(object).value
    }

    private static func unreachable(_ node: String) -> APIStatus {
        .serviceUnavailable(
            "node \(node.quoted) is not reached: this server does not connect to nodes")
    }
}

extension Gateway {
    /// Answers a request that wants to be connected.
    func connect(
        _ target: ResourceTarget, _ verb: RequestVerb, _ request: Request, _ exchange: Exchange
    ) throws(APIStatus) {
        let answer = try Connection(
            table: table, target: target, query: try QueryItems(parsing: request.head.query)
        ).answer()
        exchange.respond(answer.response)
        target.endpoint.counters.count(MeasuredVerb(verb), code: answer.status)
    }
}

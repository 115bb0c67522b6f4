// Follows the APIServices: which there are, and whether their servers answer.

import APIModel
import Access
import Buffers
import EventLoops
import HTTPServer
import HTTPWire
import JSON
import Logging
import Outbound
import Resources
import Storage
import WatchCache

/// Keeps the register, and the condition `Available` of every APIService. Each gateway asks for
/// itself; the one that leads writes the condition.
struct ExtensionFollower: Sendable {
    let environment: WriteEnvironment
    let services: ResourceEndpoint
    let servers: ExtensionServers
    let register: ExtensionRegister
    let log: Logger

    /// Looks at all of them.
    /// - Parameter writes: whether this gateway tells what it finds.
    func settle(writes: Bool) async {
        let objects = serve()
        await withTaskGroup(of: Void.self) { group in
            for state in register.all { group.addTask { await probe(state) } }
        }
        guard writes else { return }
        let problems = Dictionary(
            register.all.map { ($0.api.name, $0.problem) }, uniquingKeysWith: { first, _ in first })
        for object in objects {
            let name = ObjectMeta(of: object).name
            await tell(Self.condition(problems[name]), name)
        }
    }

    /// Takes all of them into the register.
    @discardableResult
    func serve() -> [JSONValue] {
        var objects: [JSONValue] = []
        services.cache.snapshot().forEachObject { objects.append($0.value) }
        register.serve(objects.compactMap { ExtensionAPI($0) })
        return objects
    }

    private func probe(_ known: ExtensionState) async {
        var state = known
        let api = state.api
        do throws(Unavailability) {
            state.resources = try await servers.document(api.path, of: api)
            state.problem = nil
        } catch {
            state.problem = error
        }
        if state.problem == nil, known.problem != nil || known.resources == nil {
            let index = try? await servers.document("/openapi/v3", of: api)
            let path = String(api.path.dropFirst())
            state.hasOpenAPI = index?["paths"]?[path] != nil
        }
        register.note(state)
    }

    /// - Parameter found: `nil` for what this server serves itself, and within that no problem.
    private static func condition(_ found: Unavailability??) -> JSONValue {
        switch found {
        case nil: condition("True", "Local", "Local APIServices are always available")
        case .some(nil): condition("True", "Passed", "all checks passed")
        case .some(let problem?): condition("False", problem.reason, problem.message)
        }
    }

    private static func condition(
        _ status: String, _ reason: String, _ message: String
    ) -> JSONValue {
        [
            "type": "Available", "status": .string(status), "reason": .string(reason),
            "message": .string(message),
        ]
    }

    private func tell(_ condition: JSONValue, _ name: String) async {
        let target = WriteTarget(
            endpoint: services, namespace: nil, name: name, subresource: "status")
        do {
            _ = try await ObjectUpdate(
                environment: environment, request: environment.request(target),
                change: { current throws(APIStatus) in
                    var object = current.value
                    object.setAvailable(condition, now: environment.now())
                    return (object, [])
                }
            ).run()
        } catch {
            log.debug("the APIService \(name) is told later how it is: \(error)")
        }
    }
}

extension JSONValue {
    /// Sets the condition, with the time at which its status last became another one.
    fileprivate mutating func setAvailable(_ condition: JSONValue, now: Timestamp) {
        var conditions = self["status"]?.list("conditions") ?? []
        let place = conditions.firstIndex { $0.text("type") == "Available" }
        let present = place.map { conditions[$0] } ?? .null
        var condition = condition
        condition["lastTransitionTime"] =
            present["status"] == condition["status"]
            ? present["lastTransitionTime"] : .string(now.description)
        if let place { conditions[place] = condition } else { conditions.append(condition) }
        changeOrAdd("status") { $0.put("conditions", .array(conditions)) }
    }
}

extension Gateway {
    /// The common name of the certificate by which the servers of other groups know this one.
    public static let frontProxyName = "front-proxy-client"

    /// Answers what another server serves.
    /// - Returns: whether one does.
    func forward(
        _ route: Route, _ requester: Requester, _ request: Request, _ exchange: Exchange
    ) -> Bool {
        guard route.mayBeElsewhere, let api = extensionRegister.api(at: request.head.path),
            !documents.describe(route)
        else { return false }
        do throws(APIStatus) {
            try Forwarding(servers: extensions, api: api).run(
                request, by: requester.user, exchange)
        } catch {
            exchange.respond(Answer(error).response)
        }
        return true
    }

    /// Tells the servers of other groups whom to believe (Kubernetes: "Configure the Aggregation
    /// Layer"). One authority signs for clients and for this; only one name of it counts.
    func tellFrontProxy(_ authority: Bytes?) async {
        guard let authority else { return }
        let pem = JSONValue.string(authority.description)
        let map: JSONValue = [
            "metadata": ["name": "extension-apiserver-authentication"],
            "data": [
                "client-ca-file": pem, "requestheader-client-ca-file": pem,
                "requestheader-allowed-names": .string("[\"\(Self.frontProxyName)\"]"),
                "requestheader-username-headers": "[\"X-Remote-User\"]",
                "requestheader-uid-headers": "[\"X-Remote-Uid\"]",
                "requestheader-group-headers": "[\"X-Remote-Group\"]",
                "requestheader-extra-headers-prefix": "[\"X-Remote-Extra-\"]",
            ],
        ]
        await presence.service.put(
            map, GatewayRecord.namespace, table.required("configmaps", in: .core))
    }

    /// Routes groups to other servers from now on, and tells how these are.
    func startAggregation() {
        guard let services = services.values.first else { return }
        let follower = ExtensionFollower(
            environment: writer.environment,
            services: table.required("apiservices", in: .registration), servers: extensions,
            register: extensionRegister, log: log)
        // From the first request on, who asks for such a group is not told that there is none.
        follower.serve()
        let (changes, continuation) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let watched = [
            follower.services, presence.service.services, presence.service.slices,
        ]
        for endpoint in watched { services.signalChanges(of: endpoint.cache, continuation) }
        services.loop.execute { [weak self] in self?.scheduleProbe(services, continuation) }
        let isDue = ChangeMark()
        Task { [weak self] in
            var iterator = changes.makeAsyncIterator()
            repeat {
                guard let self, !hasBegunToStop else { return }
                // Without any, Services come and go unnoticed.
                if follower.services.cache.snapshot().count > 0 || isDue.take() {
                    await follower.settle(writes: presence.roster.leads)
                    isDue.set()
                }
            } while await iterator.next() != nil
        }
    }

    private func scheduleProbe(
        _ services: LoopServices, _ continuation: AsyncStream<Void>.Continuation
    ) {
        services.loop.schedule(after: Limits.probeInterval) { [weak self] in
            guard let self, !hasBegunToStop else { return }
            continuation.yield()
            scheduleProbe(services, continuation)
        }
    }
}

extension Route {
    /// Whether this server may have no answer of its own.
    fileprivate var mayBeElsewhere: Bool {
        switch self {
        case .unknownGroup, .unknownResource, .openAPIv3Document: true
        default: false
        }
    }
}

extension ServedDocuments {
    /// Whether `route` leads to the description of kinds that this server serves. May wait for the
    /// descriptions to be made.
    fileprivate func describe(_ route: Route) -> Bool {
        guard case .openAPIv3Document = route else { return false }
        return document(route, .object, serverAddress: "") != nil
    }
}

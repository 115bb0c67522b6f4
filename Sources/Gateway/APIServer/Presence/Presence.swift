// Keeps a gateway's record, and what the cluster is told of all gateways.

import APIModel
import Access
import Buffers
import EventLoops
import JSON
import Logging
import Resources
import Storage
import Synchronization
import WatchCache

/// Renews the record of this gateway where others serve the store, too, and keeps the Service
/// `kubernetes` at those that are alive.
final class Presence: Sendable {
    private let environment: WriteEnvironment
    private let leases: ResourceEndpoint
    let service: KubernetesService
    let roster: GatewayRoster
    private let makesService: Bool
    private let log: Logger
    /// Where this gateway is reached.
    private let address = Mutex<AdvertisedAddress?>(nil)

    /// - Parameter name: `nil` when the gateway is alone with its store.
    init(
        _ environment: WriteEnvironment, leases: ResourceEndpoint, service: KubernetesService,
        name: String?, makesService: Bool, log: Logger
    ) {
        self.environment = environment
        self.leases = leases
        self.service = service
        self.makesService = makesService
        self.log = log
        roster = GatewayRoster(name: name)
    }

    /// Whether there is anything to be done.
    var isNeeded: Bool { makesService || roster.name != nil }

    /// Where this gateway is reached from now on.
    func advertise(_ address: AdvertisedAddress?) { self.address.withLock { $0 = address } }

    /// - Parameter isDue: whether it is time to renew.
    func settle(now: LoopTime, isDue: Bool) async {
        let address = address.withLock { $0 }
        guard let name = roster.name else { return await tell([address]) }
        if isDue { await renew(GatewayRecord(name, address)) }
        let look = roster.look(at: records(), now: now)
        guard roster.leads else { return }
        for dead in look.dead {
            log.notice("the gateway \(dead.name) has not renewed its record and is taken for dead")
            await remove(dead)
        }
        await tell(look.living.map(\.address))
    }

    /// Takes this gateway out of everything, before it ends.
    func withdraw() async {
        guard let name = roster.name else { return }
        await remove(GatewayRecord(name, nil))
        await tell(records().map(\.record).filter { $0.name != name }.map(\.address))
    }

    private func tell(_ living: [AdvertisedAddress?]) async {
        if makesService { await service.settle(living.compactMap(\.self)) }
    }

    private func records() -> [(record: GatewayRecord, revision: Revision)] {
        var records: [(record: GatewayRecord, revision: Revision)] = []
        let range = leases.range(namespace: Bytes(GatewayRecord.namespace))
        leases.cache.snapshot().forEach(in: range) { lease in
            if let record = GatewayRecord(lease: lease.value) {
                records.append((record, lease.revision))
            }
            return true
        }
        return records
    }

    private func renew(_ record: GatewayRecord) async {
        let lease = record.lease(renewedAt: environment.now())
        await service.put(lease, GatewayRecord.namespace, leases)
    }

    private func remove(_ record: GatewayRecord) async {
        let target = WriteTarget(
            endpoint: leases, namespace: GatewayRecord.namespace, name: record.leaseName,
            subresource: nil)
        do {
            _ = try await Removal(environment: environment).run(
                environment.request(target), DeleteOptions())
        } catch {
            guard error.reason != .notFound else { return }
            log.debug("the record of the gateway \(record.name) stays for now: \(error)")
        }
    }
}

extension Gateway {
    /// The address of the Service `kubernetes`, the first of the network from which Services get
    /// theirs.
    public static let clusterIP = "10.96.0.1"

    /// Tells the cluster of this gateway from now on.
    /// - Parameter address: where it is reached; `nil` when nobody on another machine reaches it.
    func startPresence(_ address: AdvertisedAddress?) async {
        guard presence.isNeeded, let services = services.values.first else { return }
        let presence = presence
        presence.advertise(address)
        let (changes, continuation) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        for endpoint in presence.service.endpoints {
            services.signalChanges(
                of: endpoint.cache, continuation,
                only: Selection(
                    namespace: KubernetesService.namespace, name: KubernetesService.name))
        }
        let isDue = ChangeMark()
        await presence.settle(now: services.loop.now, isDue: isDue.take())
        services.loop.execute { [weak self] in
            self?.schedulePresence(services, isDue, continuation)
        }
        Task { [weak self] in
            for await _ in changes {
                guard let self, !hasBegunToStop else { return }
                await presence.settle(now: services.loop.now, isDue: isDue.take())
            }
        }
    }

    /// Takes this gateway out of what the cluster is told, as far as that takes no longer than it
    /// may.
    func withdraw() async {
        guard presence.roster.name != nil else { return }
        let (ends, continuation) = AsyncStream.makeStream(of: Void.self)
        let presence = presence
        Task {
            await presence.withdraw()
            continuation.finish()
        }
        Task {
            try? await Task.sleep(for: Limits.withdrawalWait)
            continuation.finish()
        }
        for await _ in ends {}
    }

    private func schedulePresence(
        _ services: LoopServices, _ isDue: ChangeMark,
        _ continuation: AsyncStream<Void>.Continuation
    ) {
        guard presence.roster.name != nil else { return }
        services.loop.schedule(after: Limits.presenceInterval) { [weak self] in
            guard let self, !hasBegunToStop else { return }
            isDue.set()
            continuation.yield()
            schedulePresence(services, isDue, continuation)
        }
    }
}

import APIModel
import Access
import JSON
import WatchCache

/// The plugins that are on, in their order. A write at which none of them looks costs one look-up.
public struct AdmissionChain: Sendable {
    private let plugins: [GroupResource: [any AdmissionPlugin]]

    /// Admits everything as it is.
    public static let none = AdmissionChain(plugins: [:])

    private init(plugins: [GroupResource: [any AdmissionPlugin]]) { self.plugins = plugins }

    /// - Precondition: `cache` holds the kinds at which the plugins look.
    public init(_ cache: Cache, _ choice: AdmissionChoice) {
        var plugins: [GroupResource: [any AdmissionPlugin]] = [:]
        for type in Self.pluginTypes where choice.isEnabled(type.name) {
            let plugin = type.init(cache)
            for resource in type.resources { plugins[resource, default: []].append(plugin) }
        }
        self.plugins = plugins
    }

    /// In the order in which they see a write: what names a class or fills in amounts comes before
    /// what judges them.
    static let pluginTypes: [any CachedPlugin.Type] = [
        LimitRanger.self, ServiceAccountAssignment.self, TaintNodesByCondition.self,
        PodPriority.self, NodeFailureTolerations.self, DefaultStorageClass.self,
        StorageObjectInUseProtection.self, PersistentVolumeClaimResize.self, RuntimeClasses.self,
        DefaultIngressClass.self,
    ]

    /// Lets the plugins change `object`, which is about to be written.
    /// - Parameters:
    ///   - write: who writes what; asked for only when somebody looks at the resource.
    ///   - old: what is there now, or `null`.
    /// - Throws: the first refusal.
    public func admit(
        _ object: inout JSONValue, from old: JSONValue = .null, at resource: GroupResource,
        as write: () -> ProposedWrite
    ) throws(APIStatus) {
        guard let plugins = plugins[resource] else { return }
        var write = write()
        write.object = object
        write.old = old
        for plugin in plugins { try plugin.admit(&write) }
        object = write.object
    }

    /// Lets the plugins judge `object`, which is about to be stored.
    /// - Throws: the first refusal.
    public func validate(
        _ object: JSONValue, from old: JSONValue = .null, at resource: GroupResource,
        as write: () -> ProposedWrite
    ) throws(APIStatus) {
        guard let plugins = plugins[resource] else { return }
        var write = write()
        write.object = object
        write.old = old
        for plugin in plugins { try plugin.validate(write) }
    }
}

/// A plugin that knows what the cache knows.
protocol CachedPlugin: AdmissionPlugin {
    /// - Precondition: `cache` holds the kinds at which it looks.
    init(_ cache: Cache)
}

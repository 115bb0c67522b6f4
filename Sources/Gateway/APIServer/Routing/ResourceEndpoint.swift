import APIModel
import Buffers
import Resources
import Schema
import Storage
import WatchCache

/// A served resource: what it is, where its objects are, and the bytes that all its answers share.
final class ResourceEndpoint: Sendable {
    let resource: Resource
    /// What reads are served from.
    let cache: ResourceCache
    /// The objects as they are stored. Its `cache`, unless a webhook translates them.
    let kept: ResourceCache
    /// How a webhook translates the objects; `nil` for most.
    let translation: Translation?
    /// Whether this is the version in which objects are stored.
    let isStorage: Bool
    /// `core/pods/`
    let keyPrefix: Bytes
    /// How the objects are shown.
    let form: ServedForm
    /// `{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"`
    let listPrefix: Bytes
    /// What clients are told of: `deployments` in group `apps`.
    let qualifiedResource: GroupResource

    /// The columns of a table of these objects, as its `columnDefinitions`.
    let columnDefinitions: Bytes
    /// The encoders of events, shared by all watchers.
    let views: EventViews

    var definition: ResourceDefinition { resource.definition }
    var objectPrefix: Bytes { form.objectPrefix }
    /// The schemas of all kinds.
    var schemas: SchemaRegistry { resource.schema.registry }

    /// Counts the requests of this resource.
    let counters: RequestCounters

    /// What everybody who asks for it is told; `nil` for most.
    let warning: String?

    convenience init(_ resource: Resource, cache: ResourceCache, metrics: RequestMetrics) {
        self.init(
            resource, isStorage: resource.conversion == nil, cache: cache, metrics: metrics)
    }

    /// - Parameters:
    ///   - isStorage: whether this is the version in which objects are stored.
    ///   - kept: the objects as they are stored.
    ///   - translation: shows them instead.
    init(
        _ resource: Resource, isStorage: Bool, cache kept: ResourceCache,
        translation: Translation? = nil, metrics: RequestMetrics, warning: String? = nil
    ) {
        self.warning = warning
        self.resource = resource
        self.isStorage = isStorage
        self.kept = kept
        self.translation = translation
        cache = translation?.feed.resource ?? kept
        let definition = resource.definition
        counters = RequestCounters(
            metrics, group: definition.groupVersion.group, resource: definition.plural)
        keyPrefix = Bytes(Self.storageName(of: resource) + "/")
        form = ServedForm(of: resource)
        let apiVersion = definition.groupVersion.description
        listPrefix = Bytes(
            #"{"kind":"\#(definition.listKind)","apiVersion":"\#(apiVersion)","#
                + #""metadata":{"resourceVersion":""#)
        let columns = TableView.columnDefinitions(of: definition)
        columnDefinitions = columns
        views = EventViews(form, resource: resource, columns: columns)
        qualifiedResource = GroupResource(
            group: definition.groupVersion.group, resource: definition.plural)
    }

    /// How the cache reads this kind's objects.
    static func description(of resource: Resource) -> ResourceDescription {
        ResourceDescription(
            name: storageName(of: resource),
            isNamespaced: resource.definition.isNamespaced,
            objectPrefix: ServedForm(of: resource).storedPrefix,
            fieldNames: resource.definition.selectableFields,
            readFields: { value in
                let read = resource.readFields(value)
                return ObjectFields(
                    uid: read.uid, labelBytes: read.labelBytes,
                    readLabels: { IndexedFields.readLabels($0) }, fields: read.fields)
            })
    }

    /// The first two segments of every key: `core/pods`, `apps/deployments`.
    static func storageName(of resource: Resource) -> String {
        let storage = resource.conversion?.storage ?? resource.definition
        let group = storage.groupVersion.group
        return "\(group.isEmpty ? "core" : group)/\(storage.plural)"
    }

    func key(namespace: Bytes?, name: Bytes) -> Bytes {
        var buffer = ByteBuffer(
            reserving: keyPrefix.count + (namespace?.count ?? 0) + 1 + name.count)
        buffer.append(keyPrefix)
        if let namespace {
            buffer.append(namespace)
            buffer.append(0x2f)
        }
        buffer.append(name)
        return buffer.freeze()
    }

    /// An object of the cache, whole.
    func whole(_ object: CachedObject) -> Bytes { form.whole(form.body(of: object)) }

    /// Where the cache has the value of a selectable field; `nil` when objects cannot be selected
    /// by it.
    func place(ofField field: String) -> Int? {
        guard definition.selectableFields.contains(field) else { return nil }
        return cache.description.field(
            named: resource.conversion?.storedField(field) ?? field)
    }

    /// The keys of a namespace, or of all of them.
    func range(namespace: Bytes?) -> KeyRange {
        guard let namespace else { return .prefix(Key(keyPrefix)) }
        return .prefix(Key(key(namespace: namespace, name: .empty)))
    }
}

import APIModel
import Buffers
import Resources
import Schema
import Storage
import WatchCache

/// A served resource: what it is, where its objects are, and the bytes that all its answers share.
final class ResourceEndpoint: Sendable {
    let resource: Resource
    let cache: ResourceCache
    /// `core/pods/`
    let keyPrefix: Bytes
    /// `{"kind":"Pod","apiVersion":"v1",` — what stands before an object's own bytes.
    let objectPrefix: Bytes
    /// `{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"`
    let listPrefix: Bytes
    /// What clients are told of: `deployments` in group `apps`.
    let qualifiedResource: GroupResource

    /// The columns of a table of these objects, as its `columnDefinitions`.
    let columnDefinitions: Bytes
    /// The encoders of events, shared by all watchers.
    let views: EventViews

    var definition: ResourceDefinition { resource.definition }
    /// The schemas of all kinds.
    var schemas: SchemaRegistry { resource.schema.registry }

    /// Counts the requests of this resource.
    let counters: RequestCounters

    /// What everybody who asks for it is told; `nil` for most.
    let warning: String?

    init(
        _ resource: Resource, cache: ResourceCache, metrics: RequestMetrics, warning: String? = nil
    ) {
        self.warning = warning
        self.resource = resource
        self.cache = cache
        let definition = resource.definition
        counters = RequestCounters(
            metrics, group: definition.groupVersion.group, resource: definition.plural)
        keyPrefix = Bytes(Self.storageName(of: definition) + "/")
        objectPrefix = Self.objectPrefix(of: definition)
        let apiVersion = definition.groupVersion.description
        listPrefix = Bytes(
            #"{"kind":"\#(definition.listKind)","apiVersion":"\#(apiVersion)","#
                + #""metadata":{"resourceVersion":""#)
        let columns = TableView.columnDefinitions(of: definition)
        columnDefinitions = columns
        views = EventViews(objectPrefix: objectPrefix, resource: resource, columns: columns)
        qualifiedResource = GroupResource(
            group: definition.groupVersion.group, resource: definition.plural)
    }

    /// How the cache reads this kind's objects.
    static func description(of resource: Resource) -> ResourceDescription {
        ResourceDescription(
            name: storageName(of: resource.definition),
            isNamespaced: resource.definition.isNamespaced,
            objectPrefix: objectPrefix(of: resource.definition),
            fieldNames: resource.definition.selectableFields,
            readFields: { value in
                let read = resource.readFields(value)
                return ObjectFields(
                    uid: read.uid, labelBytes: read.labelBytes,
                    readLabels: { IndexedFields.readLabels($0) }, fields: read.fields)
            })
    }

    /// The first two segments of every key: `core/pods`, `apps/deployments`.
    static func storageName(of definition: ResourceDefinition) -> String {
        let group = definition.groupVersion.group
        return "\(group.isEmpty ? "core" : group)/\(definition.plural)"
    }

    static func objectPrefix(of definition: ResourceDefinition) -> Bytes {
        Bytes(#"{"kind":"\#(definition.kind)","apiVersion":"\#(definition.groupVersion)","#)
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

    /// A whole object from its body, as the cache keeps it.
    func whole(_ body: Bytes) -> Bytes {
        var buffer = ByteBuffer(reserving: objectPrefix.count + body.count)
        buffer.append(objectPrefix)
        buffer.append(body)
        return buffer.freeze()
    }

    /// The keys of a namespace, or of all of them.
    func range(namespace: Bytes?) -> KeyRange {
        guard let namespace else { return .prefix(Key(keyPrefix)) }
        return .prefix(Key(key(namespace: namespace, name: .empty)))
    }
}

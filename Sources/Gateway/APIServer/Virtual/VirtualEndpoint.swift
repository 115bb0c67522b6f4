import APIModel
import Access
import Resources
import Schema

/// A served resource whose objects are answered where they are created, and not kept.
final class VirtualEndpoint: Sendable {
    let resource: Resource
    let handler: any VirtualHandler
    /// Counts the requests of this resource.
    let counters: RequestCounters

    var definition: ResourceDefinition { resource.definition }

    /// - Precondition: one of `handlers` is for the resource's kind.
    init(
        _ resource: Resource, _ handlers: [GroupKind: any VirtualHandler], metrics: RequestMetrics
    ) {
        self.resource = resource
        guard let handler = handlers[resource.definition.groupKind] else {
            preconditionFailure("nobody answers \(resource.definition.kind)")
        }
        self.handler = handler
        counters = RequestCounters(
            metrics, group: resource.definition.group, resource: resource.definition.plural)
    }
}

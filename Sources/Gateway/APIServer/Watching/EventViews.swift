import APIModel
import Buffers
import Resources
import WatchCache

/// The encoders of one resource's events, one for each view, shared by all watchers.
final class EventViews: Sendable {
    private let object: EventFrames
    private let partial: EventFrames
    private let tables: [TableView.IncludedObject: EventFrames]
    private let objectItems: EventItems
    private let partialItems: EventItems
    private let tableItems: EventItems

    init(_ form: ServedForm, resource: Resource, columns: Bytes) {
        let objectView = ObjectEventView(form: form)
        let partialView = PartialObjectMetadataEventView(form: form)
        object = EventFrames(objectView)
        partial = EventFrames(partialView)
        func table(_ included: TableView.IncludedObject) -> TableView {
            TableView(
                resource: resource, objectPrefix: form.objectPrefix, columnDefinitions: columns,
                includedObject: included)
        }
        var tables: [TableView.IncludedObject: EventFrames] = [:]
        for included in TableView.IncludedObject.allCases {
            tables[included] = EventFrames(TableEventView(form: form, table: table(included)))
        }
        self.tables = tables
        objectItems = EventItems(objectView)
        partialItems = EventItems(partialView)
        tableItems = EventItems(TableEventView(form: form, table: table(.metadata)))
    }

    /// For streams.
    func frames(for view: Acceptance.View, _ query: QueryItems) -> EventFrames {
        switch view {
        case .object, .aggregatedDiscovery: object
        case .partialObjectMetadata: partial
        case .table: tables[TableView.IncludedObject(query) ?? .metadata] ?? object
        }
    }

    /// For long-polls.
    func items(for view: Acceptance.View, _ query: QueryItems) -> EventItems {
        switch view {
        case .object, .aggregatedDiscovery: objectItems
        case .partialObjectMetadata: partialItems
        case .table: tableItems
        }
    }
}

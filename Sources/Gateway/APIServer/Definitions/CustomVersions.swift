// The served versions of one definition.

import Outbound
import Resources
import WatchCache

/// Makes the endpoints of a definition's versions.
struct CustomVersions {
    private let resources: [CustomResource]
    /// The objects as they are stored.
    private let cache: ResourceCache
    private let environment: WriteEnvironment
    /// What translates objects; `nil` when their versions differ in the name alone.
    private let webhook: ConversionWebhook?

    /// - Parameters:
    ///   - resources: all versions of the definition, also those that are not served.
    ///   - webhooks: how a webhook is asked that converts between them.
    init(
        _ definition: CustomDefinition, _ resources: [CustomResource], cache: ResourceCache,
        environment: WriteEnvironment, webhooks: WebhookClient
    ) {
        self.resources = resources
        self.cache = cache
        self.environment = environment
        webhook = definition.conversionWebhook.map {
            ConversionWebhook($0, asking: webhooks, makeUID: UniqueID.make)
        }
    }

    /// One for each version that is served.
    func endpoints(_ metrics: RequestMetrics) -> [ResourceEndpoint] {
        resources.filter(\.isServed).map { version in
            ResourceEndpoint(
                version.resource, isStorage: version.isStorage, cache: cache,
                translation: translation(of: version), metrics: metrics, warning: version.warning)
        }
    }

    /// The version in which objects are stored now is translated like the others: some may have
    /// been stored in another one. `nil` for a version whose objects are served as they are stored.
    private func translation(of version: CustomResource) -> Translation? {
        guard let webhook, resources.count > 1,
            let storage = resources.first(where: \.isStorage)
        else { return nil }
        let shown = ObjectTranslator(webhook, to: version.resource)
        let feed = TranslatedFeed(of: environment.store, beside: environment.cache, shown)
        feed.start()
        return Translation(
            feed, of: cache, shown: shown, stored: ObjectTranslator(webhook, to: storage.resource))
    }
}

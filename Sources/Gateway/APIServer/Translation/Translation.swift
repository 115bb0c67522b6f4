// Between an endpoint's objects and the stored ones, where a webhook stands between them.

import APIModel
import Buffers
import JSON
import Outbound
import Resources
import Storage
import WatchCache

/// How the objects of an endpoint come from those that are stored, and become such.
struct Translation: Sendable {
    /// The stored objects in the endpoint's version.
    let feed: TranslatedFeed
    /// Into the endpoint's version.
    let shown: ObjectTranslator
    /// Into the version in which objects are stored.
    let stored: ObjectTranslator
    private let kept: ResourceCache

    init(
        _ feed: TranslatedFeed, of kept: ResourceCache, shown: ObjectTranslator,
        stored: ObjectTranslator
    ) {
        self.feed = feed
        self.kept = kept
        self.shown = shown
        self.stored = stored
    }

    /// What the feed must have come to, to show all that the cache of the stored objects shows.
    var present: Revision { kept.snapshot().changedAt }

    /// Waits until the feed shows all that the cache of the stored objects shows.
    /// - Throws: 500 when the webhook fails.
    func catchUp() async throws(APIStatus) { try await feed.reach(present) }
}

extension ResourceEndpoint {
    /// An object of this endpoint as `other` shows it, which has the same objects in another
    /// version.
    /// - Throws: 500 when a webhook that translates fails.
    func converted(
        _ object: JSONValue, to other: ResourceEndpoint
    ) async throws(APIStatus) -> JSONValue {
        if let webhook = (translation ?? other.translation)?.shown.webhook {
            do throws(WebhookFailure) {
                return try await ObjectTranslator(webhook, to: other.resource).values([object])[0]
            } catch {
                throw .internalError(error.description)
            }
        }
        let stored = form.conversion?.stored(object) ?? object
        return other.form.conversion?.served(stored) ?? stored
    }
}

extension WriteEnvironment {
    /// The bytes to store of an object of `endpoint`.
    /// - Throws: 500 when a webhook that translates fails.
    func stored(
        _ object: OwnedObject, _ endpoint: ResourceEndpoint
    ) async throws(APIStatus) -> Bytes {
        guard let translation = endpoint.translation else {
            return StoredForm(endpoint: endpoint).encode(object)
        }
        do {
            return try await translation.stored.bytes(of: object)
        } catch {
            throw .internalError(error.description)
        }
    }

    /// The object as the cache has it, or `nil`; where a webhook translates, when that has been
    /// done.
    func latest(
        _ key: Key, _ endpoint: ResourceEndpoint
    ) async throws(APIStatus) -> CurrentObject? {
        try await endpoint.translation?.catchUp()
        return try current(key, endpoint)
    }
}

// Objects of a custom resource in one of its versions, by a webhook.

import APIModel
import Buffers
import JSON
import Outbound
import Resources
import Schema
import Storage

/// Brings objects into one version of a custom resource. Those that are of it stay as they are.
struct ObjectTranslator: Sendable {
    let webhook: ConversionWebhook
    /// The version that objects are brought into.
    let resource: Resource
    private let prefix: Bytes

    init(_ webhook: ConversionWebhook, to resource: Resource) {
        self.webhook = webhook
        self.resource = resource
        prefix = ServedForm.prefix(of: resource.definition)
    }

    private var apiVersion: String { resource.definition.groupVersion.description }

    /// The objects in this version: without what it does not know, and with its defaults.
    func values(_ objects: [JSONValue]) async throws(WebhookFailure) -> [JSONValue] {
        var values = objects
        let others = objects.indices.filter { objects[$0].text("apiVersion") != apiVersion }
        guard !others.isEmpty else { return values }
        let converted = try await webhook.convert(others.map { objects[$0] }, to: apiVersion)
        for (index, var value) in zip(others, converted) {
            _ = resource.schema.prune(&value)
            resource.applyDefaults(to: &value)
            values[index] = value
        }
        return values
    }

    /// The bytes to store of an object.
    func bytes(of object: OwnedObject) async throws(WebhookFailure) -> Bytes {
        let value = try await values([object.value])[0]
        return StoredForm.encode(
            OwnedObject(value: value, managedFields: object.managedFields), behind: prefix)
    }

    /// A stored object as it would be stored in this version.
    /// - Throws: 500 when the webhook fails.
    func item(_ item: Item) async throws(APIStatus) -> Item {
        do throws(WebhookFailure) {
            let value = try await stored([item.value])[0]
            return Item(key: item.key, value: value, revision: item.revision)
        } catch {
            throw .internalError(error.description)
        }
    }

    /// Stored objects as they would be stored in this version. The webhook is not shown who owns
    /// their fields.
    func stored(_ all: [Bytes]) async throws(WebhookFailure) -> [Bytes] {
        var result = all
        let others = all.indices.filter { !all[$0].starts(with: prefix) }
        guard !others.isEmpty else { return result }
        var objects: [OwnedObject] = []
        for index in others {
            let (rest, managedFields) = StoredForm.apart(all[index])
            guard let value = try? JSONValue(parsing: rest) else {
                throw WebhookFailure("a stored object of \(resource.definition.plural) is no JSON")
            }
            objects.append(OwnedObject(value: value, managedFields: managedFields))
        }
        let values = try await values(objects.map(\.value))
        for (place, index) in others.enumerated() {
            result[index] = StoredForm.encode(
                OwnedObject(value: values[place], managedFields: objects[place].managedFields),
                behind: prefix)
        }
        return result
    }
}

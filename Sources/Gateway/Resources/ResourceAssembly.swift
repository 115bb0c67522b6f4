// A definition, its schema, its strategy and its converter put together.

import APIModel
import Schema

/// Makes resources of the definitions of one registry.
struct ResourceAssembly {
    let registry: SchemaRegistry
    let strategies: [GroupKind: any Strategy]
    let converters: [GroupVersionKind: any Converter]

    func resource(_ definition: ResourceDefinition) throws(CatalogError) -> Resource {
        let schema = try schema(of: definition)
        guard let storedAs = definition.storedAs else {
            let strategy = strategies[definition.groupVersionKind.groupKind]
            return Resource(
                definition: definition, schema: schema, strategy: strategy ?? PlainStrategy())
        }
        let storage = try storage(of: definition, storedAs)
        guard let converter = converters[definition.groupVersionKind] else {
            throw .noConverter(resource: definition.groupVersionResource.description)
        }
        let conversion = Conversion(
            converter, from: storage.definition, to: definition.groupVersionKind)
        return Resource(
            definition: definition, schema: schema,
            strategy: strategy(of: definition, schema, storage, conversion),
            conversion: conversion)
    }

    /// In another group than the stored one a kind may have rules of its own.
    private func strategy(
        of definition: ResourceDefinition, _ schema: ObjectSchema, _ storage: Resource,
        _ conversion: Conversion
    ) -> any Strategy {
        let kind = definition.groupVersionKind.groupKind
        if kind != storage.definition.groupVersionKind.groupKind, let own = strategies[kind] {
            return own
        }
        return ConvertedStrategy(conversion: conversion, schema: schema, storage: storage)
    }

    private func storage(
        of definition: ResourceDefinition, _ storedAs: GroupVersionResource
    ) throws(CatalogError) -> Resource {
        let found = registry.resources.first { $0.groupVersionResource == storedAs }
        guard let found, found.storedAs == nil, !found.isVirtual else {
            throw .noStorage(
                resource: definition.groupVersionResource.description,
                storedAs: storedAs.description)
        }
        return try resource(found)
    }

    private func schema(of definition: ResourceDefinition) throws(CatalogError) -> ObjectSchema {
        guard let schema = registry.schema(named: definition.schemaName) else {
            throw .noSchema(resource: definition.plural)
        }
        return schema
    }
}

// What one version of a CustomResourceDefinition must be.

import APIModel
import JSON
import Schema

struct VersionRules {
    private static let columnTypes = ["boolean", "date", "integer", "number", "string"]
    private static let columnFormats = [
        "byte", "date", "date-time", "double", "float", "int32", "int64", "password",
    ]
    private static let selectableFieldCountMax = 8

    let definition: CustomDefinition
    let version: CustomVersion
    let path: FieldPath
    let registry: SchemaRegistry

    init(
        _ definition: CustomDefinition, _ version: CustomVersion, at path: FieldPath,
        _ registry: SchemaRegistry
    ) {
        self.definition = definition
        self.version = version
        self.path = path
        self.registry = registry
    }

    var errors: [FieldError] {
        schemaErrors + scaleErrors + columnErrors + selectableFieldErrors + deprecationErrors
    }

    private var schemaErrors: [FieldError] {
        guard let schema = version.schema else {
            return [
                .required(path.child("schema").child("openAPIV3Schema"), "schemas are required")
            ]
        }
        let names = definition.names
        let kind = GroupVersionKind(
            group: definition.group, version: version.name, kind: names.kind)
        do {
            _ = try CustomSchema(
                schema, of: kind, listKind: names.listKind,
                at: path.child("schema").child("openAPIV3Schema"), beside: registry)
            return []
        } catch {
            return error.errors
        }
    }

    // MARK: Subresources

    private var scaleErrors: [FieldError] {
        guard let scale = version.scale else { return [] }
        let path = path.child("subresources").child("scale")
        return pathErrors(scale, "specReplicasPath", under: [".spec."], at: path)
            + pathErrors(scale, "statusReplicasPath", under: [".status."], at: path)
            + pathErrors(
                scale, "labelSelectorPath", under: [".spec.", ".status."], at: path)
    }

    private func pathErrors(
        _ scale: JSONValue, _ member: String, under prefixes: [String], at path: FieldPath
    ) -> [FieldError] {
        let text = scale.text(member)
        guard !text.isEmpty else { return [] }
        guard let query = FieldQuery(text), query.isPlain else {
            return [
                .invalid(
                    path.child(member), .string(text),
                    "should be a json path without array notation")
            ]
        }
        guard !prefixes.contains(where: text.hasPrefix) else { return [] }
        let names = prefixes.map { $0.dropLast() }.joined(separator: " or ")
        return [
            .invalid(
                path.child(member), .string(text), "should be a json path under \(names)")
        ]
    }

    // MARK: Columns and fields

    private var columnErrors: [FieldError] {
        version.columns.enumerated().flatMap { index, column in
            columnErrors(column, at: path.child("additionalPrinterColumns").index(index))
        }
    }

    private func columnErrors(_ column: JSONValue, at path: FieldPath) -> [FieldError] {
        var errors: [FieldError] = []
        let type = column.text("type")
        if !type.isEmpty, !Self.columnTypes.contains(type) {
            errors.append(
                .notSupported(path.child("type"), .string(type), supported: Self.columnTypes))
        }
        let format = column.text("format")
        if !format.isEmpty, !Self.columnFormats.contains(format) {
            errors.append(
                .notSupported(path.child("format"), .string(format), supported: Self.columnFormats))
        }
        let query = column.text("jsonPath")
        if !query.isEmpty, JSONPath(query) == nil {
            errors.append(
                .invalid(path.child("jsonPath"), .string(query), "is not a path that can be read"))
        }
        return errors
    }

    private var selectableFieldErrors: [FieldError] {
        let path = path.child("selectableFields")
        let fields = version.object.list("selectableFields")
        guard fields.count <= Self.selectableFieldCountMax else {
            return [.tooMany(path, count: fields.count, countMax: Self.selectableFieldCountMax)]
        }
        return fields.enumerated().flatMap { index, field in
            let isRepeated = fields[..<index].contains { $0 == field }
            let place = path.index(index).child("jsonPath")
            return isRepeated
                ? [.duplicate(place, field["jsonPath"])]
                : selectableFieldErrors(field.text("jsonPath"), at: place)
        }
    }

    private func selectableFieldErrors(_ text: String, at path: FieldPath) -> [FieldError] {
        guard !text.isEmpty else { return [] }
        guard let query = FieldQuery(text), let names = query.names else {
            return [
                .invalid(
                    path, .string(text), "is an invalid path: must be simple dot notation")
            ]
        }
        guard names.first != "metadata" else {
            return [.invalid(path, .string(text), "must not point to fields in metadata")]
        }
        var schema = version.schema
        for name in names { schema = schema?[path: "properties", name] }
        guard let type = schema?["type"]?.string else {
            return [
                .invalid(path, .string(text), "is an invalid path: does not exist in the schema")
            ]
        }
        guard ["string", "boolean", "integer"].contains(type) else {
            return [
                .invalid(
                    path, .string(text),
                    "must point to a field of type string, boolean or integer, not \(type)")
            ]
        }
        return []
    }

    private var deprecationErrors: [FieldError] {
        let warning = version.object.text("deprecationWarning")
        let place = path.child("deprecationWarning")
        guard !warning.isEmpty else { return [] }
        if version.object["deprecated"] != true {
            return [
                .invalid(place, .string(warning), "can only be set for deprecated versions")
            ]
        }
        if warning.utf8.count > 256 { return [.tooLong(place, byteCountMax: 256)] }
        let isPrintable = warning.unicodeScalars.allSatisfy {
            $0.properties.generalCategory != .control
        }
        return isPrintable
            ? []
            : [.invalid(place, .string(warning), "must only contain printable UTF-8 characters")]
    }
}

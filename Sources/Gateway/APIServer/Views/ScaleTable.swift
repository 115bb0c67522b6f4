// A `Scale` as a row of a table, as kubectl prints it (Kubernetes enhancement 363).

import APIModel
import JSON
import Resources

enum ScaleTable {
    private static let columns: [JSONValue] = [
        column("Name", "string", format: "name", "The name of what is scaled."),
        column("Desired", "integer", "How many there should be."),
        column("Available", "integer", "How many there are."),
        column("Age", "string", "The time since what is scaled was created."),
    ]

    private static func column(
        _ name: String, _ type: String, format: String = "", _ description: String
    ) -> JSONValue {
        [
            "name": .string(name), "type": .string(type), "format": .string(format),
            "description": .string(description), "priority": 0,
        ]
    }

    /// A table of the one row.
    static func document(of scale: JSONValue) -> JSONValue {
        let metadata = scale["metadata"] ?? [:]
        let cells: [JSONValue] = [
            metadata["name"] ?? "", scale[path: "spec", "replicas"] ?? 0,
            scale[path: "status", "replicas"] ?? 0,
            CommonCells.age(of: scale, now: WallClock.now()),
        ]
        return [
            "kind": "Table", "apiVersion": "meta.k8s.io/v1",
            "metadata": ["resourceVersion": metadata["resourceVersion"] ?? ""],
            "columnDefinitions": .array(columns),
            "rows": [
                [
                    "cells": .array(cells),
                    "object": [
                        "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
                        "metadata": metadata,
                    ],
                ]
            ],
        ]
    }
}

// The volumes of a pod: each has a name and one source.

import APIModel
import JSON

struct PodVolumes {
    let names: Set<String>
    private let volumes: [JSONValue]
    private let path: FieldPath

    init(_ volumes: [JSONValue], _ path: FieldPath) {
        self.volumes = volumes
        self.path = path
        names = Set(volumes.map { $0.text("name") })
    }

    /// The members of a volume that say where its files come from: all but the name.
    static func sources(of volume: JSONValue) -> [String] {
        (volume.object ?? JSONObject()).filter { $0.key != "name" && !$0.value.isNull }.map(\.key)
    }

    var errors: [FieldError] {
        volumes.enumerated().flatMap { errors(in: $1, path.index($0)) }
    }

    private func errors(in volume: JSONValue, _ path: FieldPath) -> [FieldError] {
        let sources = Self.sources(of: volume)
        guard let source = sources.first else {
            return [.required(path, "must specify a volume type")]
        }
        let others = sources.dropFirst().map { name in
            FieldError.forbidden(path.child(name), "may not specify more than 1 volume type")
        }
        return errors(inSource: source, volume[source] ?? .null, path.child(source)) + others
    }

    private func errors(
        inSource name: String, _ source: JSONValue, _ path: FieldPath
    ) -> [FieldError] {
        switch name {
        case "configMap": missing("name", source, path)
        case "secret": missing("secretName", source, path)
        case "ephemeral": missing("volumeClaimTemplate", source, path)
        case "hostPath": backsteps(source["path"], path.child("path"))
        case "projected": projectionErrors(source, path.child("sources"))
        default: []
        }
    }

    /// An empty name is the schema's matter.
    private func missing(
        _ member: String, _ source: JSONValue, _ path: FieldPath
    ) -> [FieldError] {
        source.has(member) ? [] : [.required(path.child(member))]
    }

    private func backsteps(_ value: JSONValue?, _ path: FieldPath) -> [FieldError] {
        guard let value, let text = value.string, RelativePath.stepsBack(text) else { return [] }
        return [.invalid(path, value, "must not contain '..'")]
    }

    private func projectionErrors(_ projected: JSONValue, _ path: FieldPath) -> [FieldError] {
        projected.list("sources").enumerated().flatMap { index, source in
            let path = path.index(index)
            let kinds = (source.object ?? JSONObject()).filter { !$0.value.isNull }.map(\.key)
            return kinds.dropFirst().map { name in
                FieldError.forbidden(path.child(name), "may not specify more than 1 volume type")
            }
        }
    }
}

/// Paths of files below a directory.
enum RelativePath {
    /// Whether a part of the path is `..`.
    static func stepsBack(_ path: String) -> Bool {
        path.split(separator: "/").contains("..")
    }
}

// What kind of answer a client asked for in `Accept` (RFC 9110 section 12.5.1).

import Buffers

/// The form of an answer's body.
struct Acceptance: Hashable {
    enum Format: Hashable {
        case json, yaml

        var contentType: Bytes { self == .json ? "application/json" : "application/yaml" }
    }

    /// Which view of the objects (`;as=`, Kubernetes enhancement 363).
    enum View: Hashable {
        case object, table, partialObjectMetadata
        /// Groups and their resources in one document (enhancement 3352).
        case aggregatedDiscovery
    }

    var format = Format.json
    var view = View.object

    static let json = Acceptance()

    /// The best of what the client accepts and this server has.
    /// - Parameter accept: the field's value; none accepts everything.
    /// - Returns: `nil` when there is nothing in common: the answer is 406.
    init?(_ accept: Bytes?) {
        guard let accept, !accept.spell("application/json"), !accept.spell("*/*"), !accept.isEmpty
        else {
            self = .json
            return
        }
        var best: (quality: Double, acceptance: Acceptance)?
        for range in accept.description.split(separator: ",") {
            guard let candidate = MediaRange(range), candidate.quality > best?.quality ?? 0,
                let acceptance = candidate.acceptance
            else { continue }
            best = (candidate.quality, acceptance)
        }
        guard let best else { return nil }
        self = best.acceptance
    }

    private init() {}

    fileprivate init(format: Format, view: View) {
        self.format = format
        self.view = view
    }
}

/// One element of an `Accept` field.
private struct MediaRange {
    let name: String
    var quality = 1.0
    private var parameters: [String: String] = [:]

    init?(_ text: Substring) {
        let parts = text.split(separator: ";")
        guard let first = parts.first else { return nil }
        name = first.trimmed.lowercased()
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else { continue }
            let key = pair[0].trimmed.lowercased()
            let value = String(pair[1].trimmed)
            if key == "q" { quality = Double(value) ?? 1 } else { parameters[key] = value }
        }
    }

    /// `nil` for what this server cannot make: CBOR, protobuf, other views.
    var acceptance: Acceptance? {
        let format: Acceptance.Format
        switch name {
        case "application/json", "application/*", "*/*": format = .json
        case "application/yaml", "application/x-yaml", "text/yaml": format = .yaml
        default: return nil
        }
        guard let view else { return nil }
        return Acceptance(format: format, view: view)
    }

    private var view: Acceptance.View? {
        guard let name = parameters["as"] else { return .object }
        let group = parameters["g"] ?? ""
        let version = parameters["v"] ?? ""
        switch (name, group, version) {
        case ("Table", "meta.k8s.io", "v1"): return .table
        case ("PartialObjectMetadata", "meta.k8s.io", "v1"),
            ("PartialObjectMetadataList", "meta.k8s.io", "v1"):
            return .partialObjectMetadata
        case ("APIGroupDiscoveryList", "apidiscovery.k8s.io", "v2"): return .aggregatedDiscovery
        default: return nil
        }
    }
}

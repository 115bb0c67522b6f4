// What is asked for: a kind's objects, in one namespace or all.

import Buffers

/// A resource of the API, and where its objects are looked for.
public struct Resource: Hashable, Sendable, CustomStringConvertible {
    /// Empty for the core group.
    public let group: String
    public let version: String
    /// The name in paths, such as `pods`.
    public let name: String
    /// Nil for cluster-wide resources, and for the objects of all namespaces.
    public var namespace: String?

    public init(
        _ name: String, group: String = "", version: String = "v1", in namespace: String? = nil
    ) {
        self.group = group
        self.version = version
        self.name = name
        self.namespace = namespace
    }

    /// The path of all objects.
    public var path: String {
        let start = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
        let place = namespace.map { "/namespaces/\(PercentEncoding.encode($0))" } ?? ""
        return "\(start)\(place)/\(PercentEncoding.encode(name))"
    }

    /// The path of one object, or of a part of it such as `status`.
    public func path(of object: String, _ subresource: String? = nil) -> String {
        "\(path)/\(PercentEncoding.encode(object))" + (subresource.map { "/\($0)" } ?? "")
    }

    public var description: String { path }
}

/// Which objects of a resource.
public struct Selection: Hashable, Sendable {
    /// A label selector as kubectl takes it; empty for every object.
    public var labels = ""
    /// A field selector as kubectl takes it; empty for every object.
    public var fields = ""

    public init(labels: String = "", fields: String = "") {
        self.labels = labels
        self.fields = fields
    }

    var query: [(String, String)] {
        [("labelSelector", labels), ("fieldSelector", fields)].filter { !$0.1.isEmpty }
    }
}

/// Writes parts of a path or query (RFC 3986, 2.1).
enum PercentEncoding {
    static func encode(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126:
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += byte < 16 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return result
    }

    static func query(_ items: [(String, String)]) -> String {
        let text = items.map { "\(encode($0.0))=\(encode($0.1))" }.joined(separator: "&")
        return text.isEmpty ? "" : "?\(text)"
    }
}

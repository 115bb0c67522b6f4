// The formats that text in the API may have, and what is said about text that has not.

/// A format of a string member. The raw value is its name in the OpenAPI documents.
public enum ValueFormat: String, Hashable, Sendable, CaseIterable {
    /// A label of a DNS name: `my-name` (RFC 1123).
    case dns1123Label = "dns1123-label"
    /// A DNS name in lower case: `example.com` (RFC 1123).
    case dns1123Subdomain = "dns1123-subdomain"
    /// A label of a DNS name that begins with a letter (RFC 1035).
    case dns1035Label = "dns1035-label"
    /// A key of a label or an annotation: `app` or `example.com/app`.
    case qualifiedName = "qualified-name"
    case labelValue = "label-value"
    /// A key in the data of a ConfigMap or a Secret.
    case configMapKey = "config-map-key"
    /// The name of an environment variable: printable ASCII but `=`.
    case envVarName = "env-var-name"
    /// A name of a port: a service name of RFC 6335 in lower case.
    case portName = "port-name"
    /// Text that may stand alone between two slashes of a URL.
    case pathSegmentName = "path-segment-name"
    case ip
    case cidr
    case quantity
    case percent
    case absolutePath = "absolute-path"
    case httpHeaderName = "http-header-name"
    case uuid

    /// What is wrong with `value`, in the API's words; empty when nothing is.
    public func check(_ value: String) -> [String] {
        var value = value
        return value.withUTF8 { bytes in
            check(UnsafeRawBufferPointer(bytes))
        }
    }

    public func isValid(_ value: String) -> Bool { check(value).isEmpty }

    private func check(_ bytes: UnsafeRawBufferPointer) -> [String] {
        switch self {
        case .dns1123Label: NameFormat.dns1123Label.check(bytes)
        case .dns1123Subdomain: NameFormat.dns1123Subdomain.check(bytes)
        case .dns1035Label: NameFormat.dns1035Label.check(bytes)
        case .labelValue: NameFormat.labelValue.check(bytes)
        case .configMapKey: NameFormat.configMapKey.check(bytes) + directoryProblems(bytes)
        case .httpHeaderName: NameFormat.httpHeaderName.check(bytes)
        case .percent: NameFormat.percent.check(bytes)
        case .qualifiedName: qualifiedNameProblems(bytes)
        case .envVarName: environmentNameProblems(bytes)
        case .portName: portNameProblems(bytes)
        case .pathSegmentName: pathSegmentProblems(bytes)
        case .ip:
            problem("must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)") {
                IPAddress(bytes) != nil
            }
        case .cidr:
            problem("must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)") {
                IPAddress.isCIDR(bytes)
            }
        case .quantity: quantityProblems(bytes)
        case .absolutePath: problem("must be an absolute path") { bytes.first == UInt8(ascii: "/") }
        case .uuid: problem("must be a valid UUID") { isUUID(bytes) }
        }
    }

    private func problem(_ message: String, unless isFine: () -> Bool) -> [String] {
        isFine() ? [] : [message]
    }
}

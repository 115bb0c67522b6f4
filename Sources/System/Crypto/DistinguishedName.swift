// Whom a certificate names.

import COpenSSL

/// The parts of an X.509 name that the API reads: the common name is a user, and organizations are
/// the groups of that user (Kubernetes' authentication by certificate).
public struct DistinguishedName: Hashable, Sendable, CustomStringConvertible {
    public var commonName: String
    public var organizations: [String]

    public init(commonName: String, organizations: [String] = []) {
        self.commonName = commonName
        self.organizations = organizations
    }

    /// Such as `CN=kubernetes-admin, O=system:masters`.
    public var description: String {
        let parts = commonName.isEmpty ? [] : ["CN=\(commonName)"]
        return (parts + organizations.map { "O=\($0)" }).joined(separator: ", ")
    }

    /// Of several common names the last one counts, as it does for Go.
    init(_ name: OpaquePointer?) throws(CryptoError) {
        commonName = try Self.texts(NID_commonName, in: name).last ?? ""
        organizations = try Self.texts(NID_organizationName, in: name)
    }

    private static func texts(
        _ kind: CInt, in name: OpaquePointer?
    ) throws(CryptoError) -> [String] {
        var texts: [String] = []
        var index = X509_NAME_get_index_by_NID(name, kind, -1)
        while index >= 0 {
            let value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index))
            guard let text = value.flatMap({ ASN1.text($0) }) else {
                throw .malformed(what: "name in a certificate", reasons: ErrorQueue.takeAll())
            }
            texts.append(text)
            index = X509_NAME_get_index_by_NID(name, kind, index)
        }
        return texts
    }

    /// Writes the parts into the name of a certificate that is being made.
    /// - Throws: `CryptoError.invalidName` when a part is empty or too long for its field.
    func write(to name: OpaquePointer?) throws(CryptoError) {
        for organization in organizations {
            try Self.add(organization, NID_organizationName, to: name)
        }
        try Self.add(commonName, NID_commonName, to: name)
    }

    private static func add(
        _ text: String, _ kind: CInt, to name: OpaquePointer?
    ) throws(CryptoError) {
        let characterCount = text.unicodeScalars.count
        let hasControl = text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
        guard (1...Limits.nameCharacterCountMax).contains(characterCount), !hasControl else {
            throw .invalidName(
                "\(text.debugDescription): 1 to \(Limits.nameCharacterCountMax) characters fit")
        }
        let bytes = Array(text.utf8)
        guard
            X509_NAME_add_entry_by_NID(
                name, kind, MBSTRING_FLAG | 0, bytes, CInt(bytes.count), -1, 0) == 1
        else { ErrorQueue.trap("X509_NAME_add_entry_by_NID") }
    }
}

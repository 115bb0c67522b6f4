// The names that a certificate is good for.

import Buffers
import COpenSSL
import Glibc

/// The subject alternative names of DNS and IP (RFC 5280, section 4.2.1.6). Others are not read.
public struct AlternativeNames: Hashable, Sendable {
    public private(set) var dnsNames: [String]
    /// In the usual text form: `127.0.0.1`, `::1`.
    public private(set) var ipAddresses: [String]

    public static let none = AlternativeNames(dnsNames: [], ipAddresses: [])

    private init(dnsNames: [String], ipAddresses: [String]) {
        self.dnsNames = dnsNames
        self.ipAddresses = ipAddresses
    }

    /// Each of `names` is an address when it can be read as one, and a name of the DNS otherwise.
    /// Double ones are left out; the order stays.
    /// - Throws: `CryptoError.invalidName` when one is neither.
    public init(_ names: [String]) throws(CryptoError) {
        self = .none
        for name in names {
            if let address = Self.addressBytes(name).flatMap(Self.addressText) {
                if !ipAddresses.contains(address) { ipAddresses.append(address) }
            } else {
                guard Self.isDNSName(name) else { throw .invalidName(name.debugDescription) }
                let small = name.lowercased()
                if !dnsNames.contains(small) { dnsNames.append(small) }
            }
        }
    }

    public var isEmpty: Bool { dnsNames.isEmpty && ipAddresses.isEmpty }

    /// Whether everything in `other` is also here.
    public func covers(_ other: AlternativeNames) -> Bool {
        Set(dnsNames).isSuperset(of: other.dnsNames)
            && Set(ipAddresses).isSuperset(of: other.ipAddresses)
    }

    /// Letters, digits, hyphens and dots, and `*` as the whole first label.
    private static func isDNSName(_ name: String) -> Bool {
        guard name.utf8.count <= Limits.dnsNameByteCountMax else { return false }
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        return labels.enumerated().allSatisfy { index, label in
            if index == 0, label == "*", labels.count > 1 { return true }
            guard (1...63).contains(label.utf8.count), label.first != "-", label.last != "-" else {
                return false
            }
            return label.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            }
        }
    }
}

/// Addresses, as text and as the 4 or 16 bytes that stand in a certificate.
extension AlternativeNames {
    static func addressBytes(_ text: String) -> [UInt8]? {
        for (family, byteCount) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: byteCount)
            if inet_pton(family, text, &bytes) == 1 { return bytes }
        }
        return nil
    }

    static func addressText(_ bytes: [UInt8]) -> String? {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return nil }
        let end = text.firstIndex(of: 0) ?? text.count
        return String(decoding: text[..<end].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

extension AlternativeNames {
    init(certificate: OpaquePointer) throws(CryptoError) {
        self = .none
        // -1: not there. -2: there twice. Another value: it cannot be read.
        var status: CInt = 0
        guard let list = X509_get_ext_d2i(certificate, NID_subject_alt_name, &status, nil) else {
            guard status == -1 else {
                throw .malformed(what: "alternative names", reasons: ErrorQueue.takeAll())
            }
            return
        }
        let names = OpaquePointer(list)
        defer { GENERAL_NAMES_free(names) }
        for index in 0..<OPENSSL_sk_num(names) {
            guard let element = OPENSSL_sk_value(names, index) else { continue }
            try read(UnsafePointer(element.assumingMemoryBound(to: GENERAL_NAME.self)))
        }
    }

    private mutating func read(_ name: UnsafePointer<GENERAL_NAME>) throws(CryptoError) {
        var kind: CInt = 0
        guard let value = GENERAL_NAME_get0_value(name, &kind) else { return }
        guard kind == GEN_DNS || kind == GEN_IPADD else { return }
        let string = UnsafePointer(value.assumingMemoryBound(to: ASN1_STRING.self))
        let bytes = ASN1.bytes(string)
        if kind == GEN_DNS {
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw .malformed(what: "DNS name in a certificate", reasons: [])
            }
            dnsNames.append(text)
        } else {
            guard let text = Self.addressText(Array(bytes)) else {
                throw .malformed(what: "IP address in a certificate", reasons: [])
            }
            ipAddresses.append(text)
        }
    }

    /// Adds them to a certificate that is being made.
    func write(to certificate: OpaquePointer) {
        guard !isEmpty else { return }
        guard let names = OPENSSL_sk_new_null() else { ErrorQueue.trap("OPENSSL_sk_new_null") }
        defer { GENERAL_NAMES_free(names) }
        for name in dnsNames {
            Self.push(GEN_DNS, V_ASN1_IA5STRING, Array(name.utf8), to: names)
        }
        for address in ipAddresses {
            guard let bytes = Self.addressBytes(address) else { preconditionFailure(address) }
            Self.push(GEN_IPADD, V_ASN1_OCTET_STRING, bytes, to: names)
        }
        guard
            X509_add1_ext_i2d(
                certificate, NID_subject_alt_name, UnsafeMutableRawPointer(names), 0,
                UInt(X509V3_ADD_DEFAULT)) == 1
        else { ErrorQueue.trap("X509_add1_ext_i2d") }
    }

    private static func push(
        _ kind: CInt, _ type: CInt, _ bytes: [UInt8], to names: OpaquePointer
    ) {
        guard let name = GENERAL_NAME_new(), let string = ASN1_STRING_type_new(type),
            ASN1_STRING_set(string, bytes, CInt(bytes.count)) == 1
        else { ErrorQueue.trap("GENERAL_NAME_new") }
        GENERAL_NAME_set0_value(name, kind, string)
        guard OPENSSL_sk_push(names, name) > 0 else { ErrorQueue.trap("OPENSSL_sk_push") }
    }
}

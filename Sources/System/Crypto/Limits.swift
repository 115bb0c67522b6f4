/// What this module refuses to exceed.
enum Limits {
    /// A file of certificates or keys. A bundle of every public authority has about 250 KiB.
    static let pemByteCountMax = 1 << 20
    /// Certificates in one bundle; more than a system's own bundle of public authorities has.
    static let bundledCertificateCountMax = 512
    /// One certificate. Real ones stay below 10 KiB; many names may make it longer.
    static let certificateByteCountMax = 256 << 10
    /// Below it a modulus can be factored, and RFC 7518, section 3.3, forbids it.
    static let rsaBitCountMin = 2048
    /// Checking a signature takes time that grows with the square of this.
    static let rsaBitCountMax = 8192
    /// Common names and organizations: ub-common-name and ub-organization-name of RFC 5280.
    static let nameCharacterCountMax = 64
    /// A name of the DNS (RFC 1035, section 2.3.4).
    static let dnsNameByteCountMax = 253
    /// Messages of OpenSSL that an error keeps; the first ones name the cause.
    static let reasonCountMax = 8
}

// Certificates as bytes: DER, PEM and bundles.

import Buffers
import COpenSSL

extension Certificate {
    /// Reads one certificate, with nothing after it.
    public init(der: Bytes) throws(CryptoError) {
        guard der.count <= Limits.certificateByteCountMax else {
            throw .tooLarge(what: "bytes of a certificate", max: Limits.certificateByteCountMax)
        }
        ErrorQueue.clear()
        var pointer: OpaquePointer?
        var readCount = 0
        der.withUnsafeBytes { der in
            let start = der.assumingMemoryBound(to: UInt8.self).baseAddress
            var end = start
            pointer = d2i_X509(nil, &end, der.count)
            if let start, let end { readCount = end - start }
        }
        let reasons = ErrorQueue.takeAll()
        guard let pointer else { throw .malformed(what: "certificate", reasons: reasons) }
        let handle = CertificateHandle(takingOwnership: pointer)
        guard readCount == der.count else {
            throw .malformed(what: "certificate", reasons: ["bytes after the end"])
        }
        try self.init(handle: handle)
    }

    /// Reads every `CERTIFICATE` block, in order; other blocks and text between them are skipped.
    /// - Throws: `CryptoError` when there is none, or when one of them is not sound.
    public static func bundle(pem: Bytes) throws(CryptoError) -> [Certificate] {
        guard pem.count <= Limits.pemByteCountMax else {
            throw .tooLarge(what: "bytes of certificates", max: Limits.pemByteCountMax)
        }
        ErrorQueue.clear()
        defer { ErrorQueue.clear() }
        let certificates = try MemoryFile(pem).withPointer(blocks)
        // The end of the file and a broken block both end the loop.
        let isEnd = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE
        guard isEnd else {
            throw .malformed(what: "certificate", reasons: ErrorQueue.takeAll())
        }
        guard !certificates.isEmpty else { throw .noPEM(wanted: "CERTIFICATE") }
        return certificates
    }

    /// Every block up to the first that is broken, whose reason stays in the list of errors.
    private static func blocks(
        of file: OpaquePointer
    ) throws(CryptoError) -> [Certificate] {
        var certificates: [Certificate] = []
        while let pointer = PEM_read_bio_X509(file, nil, nil, nil) {
            certificates.append(
                try Certificate(handle: CertificateHandle(takingOwnership: pointer)))
            guard certificates.count <= Limits.bundledCertificateCountMax else {
                throw .tooLarge(
                    what: "certificates in a bundle", max: Limits.bundledCertificateCountMax)
            }
            ErrorQueue.clear()
        }
        return certificates
    }

    public var der: Bytes {
        MemoryFile.contents("i2d_X509_bio") { i2d_X509_bio($0, handle.pointer) }
    }

    /// A `CERTIFICATE` block.
    public var pem: Bytes {
        MemoryFile.contents("PEM_write_bio_X509") { PEM_write_bio_X509($0, handle.pointer) }
    }
}

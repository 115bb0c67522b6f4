// OpenSSL's files in memory, through which it reads and writes PEM and DER.

import Buffers
import COpenSSL

/// A `BIO` in memory with one owner.
struct MemoryFile: ~Copyable {
    private let pointer: OpaquePointer

    private init() {
        guard let pointer = BIO_new(BIO_s_mem()) else { ErrorQueue.trap("BIO_new") }
        self.pointer = pointer
    }

    /// A file to read `bytes` from. It holds a copy.
    /// - Precondition: `bytes` fit in an `Int32`.
    init(_ bytes: Bytes) {
        self.init()
        guard !bytes.isEmpty else { return }
        let written = bytes.withUnsafeBytes { BIO_write(pointer, $0.baseAddress, CInt($0.count)) }
        guard written == CInt(bytes.count) else { ErrorQueue.trap("BIO_write") }
    }

    deinit { BIO_free(pointer) }

    /// The file is there until `body` returns: a pointer that was taken out would not keep it.
    borrowing func withPointer<Result, Failure: Error>(
        _ body: (OpaquePointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(pointer)
    }

    /// What `write` writes. It returns 1, as OpenSSL's functions do, unless there is no memory.
    static func contents(_ operation: StaticString, _ write: (OpaquePointer) -> CInt) -> Bytes {
        ErrorQueue.clear()
        let file = MemoryFile()
        return file.withPointer { pointer in
            guard write(pointer) == 1 else { ErrorQueue.trap(operation) }
            let count = BIO_ctrl_pending(pointer)
            var buffer = ByteBuffer(reserving: count)
            _ = buffer.appendUninitialized(count) { room in
                Int(BIO_read(pointer, room.baseAddress, CInt(count)))
            }
            return buffer.freeze()
        }
    }
}

// OpenSSL's files in memory, through which it reads and writes PEM and DER.

import Buffers
import COpenSSL

/// A `BIO` in memory with one owner.
struct MemoryFile: ~Copyable {
    let pointer: OpaquePointer

    /// An empty file to write into.
    init() {
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

    /// What was written and not yet read.
    borrowing func contents() -> Bytes {
        let count = BIO_ctrl_pending(pointer)
        var buffer = ByteBuffer(reserving: count)
        _ = buffer.appendUninitialized(count) { room in
            count == 0 ? 0 : Int(BIO_read(pointer, room.baseAddress, CInt(count)))
        }
        return buffer.freeze()
    }
}

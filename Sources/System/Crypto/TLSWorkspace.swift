// The memory through which the sessions of one loop exchange ciphertext with their sockets.

import COpenSSL
import Glibc

/// What OpenSSL reads from and writes to. A plain struct, so that OpenSSL's callbacks touch nothing
/// but memory.
struct TLSLane {
    var input: UnsafeRawPointer?
    var inputCount = 0
    let output: UnsafeMutableRawPointer
    var outputCount = 0
    let outputCapacity: Int
}

/// Memory that all sessions of one loop share: ciphertext that came and is to be read, ciphertext
/// that was made and is to be sent. Nothing stays in it between two calls from the loop.
public final class TLSWorkspace: @unchecked Sendable {
    // Reason: used on one loop only.
    let lane: UnsafeMutablePointer<TLSLane>
    /// Where ciphertext from a socket is put, to be announced with `accept(_:)`.
    public let inputRoom: UnsafeMutableRawBufferPointer
    /// Where short pieces are joined to make a full record.
    public let joined: UnsafeMutableRawBufferPointer

    public init() {
        lane = .allocate(capacity: 1)
        lane.initialize(
            to: TLSLane(
                output: .allocate(byteCount: TLSLimits.outputByteCountMax, alignment: 64),
                outputCapacity: TLSLimits.outputByteCountMax))
        inputRoom = .allocate(byteCount: TLSLimits.inputByteCountMax, alignment: 64)
        joined = .allocate(byteCount: TLSLimits.recordByteCountMax, alignment: 64)
    }

    deinit {
        lane.pointee.output.deallocate()
        lane.deinitialize(count: 1)
        lane.deallocate()
        inputRoom.deallocate()
        joined.deallocate()
    }

    /// Gives ciphertext to be read by the next session that is asked to do something.
    /// - Precondition: the memory stays until the input is taken away again.
    public func offer(_ input: UnsafeRawBufferPointer) {
        lane.pointee.input = input.baseAddress
        lane.pointee.inputCount = input.count
    }

    /// What was offered and not read.
    public var unreadInput: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: lane.pointee.input, count: lane.pointee.inputCount)
    }

    public var hasUnreadInput: Bool { lane.pointee.inputCount > 0 }

    /// Whether input was offered and not withdrawn, read or not.
    public var hasInput: Bool { lane.pointee.input != nil }

    /// Nothing is there to be read any more.
    public func withdrawInput() {
        lane.pointee.input = nil
        lane.pointee.inputCount = 0
    }

    /// What is to be sent.
    public var output: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: lane.pointee.output, count: lane.pointee.outputCount)
    }

    /// Whether a whole record more fits.
    public var hasRoomForRecord: Bool {
        lane.pointee.outputCapacity - lane.pointee.outputCount >= TLSLimits.wireRecordByteCountMax
    }

    /// The output has been sent or copied.
    public func clearOutput() { lane.pointee.outputCount = 0 }
}

/// How OpenSSL reaches a lane.
enum TLSLaneMethod {
    /// Made once; OpenSSL never changes it.
    nonisolated(unsafe) static let method: OpaquePointer = {
        guard let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "lane") else {
            preconditionFailure("no memory for OpenSSL's method")
        }
        BIO_meth_set_create(method) { bio in
            BIO_set_init(bio, 1)
            return 1
        }
        BIO_meth_set_read_ex(method, read)
        BIO_meth_set_write_ex(method, write)
        BIO_meth_set_ctrl(method) { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }
        return method
    }()

    private static let retryFlags = BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY

    private static let read:
        @convention(c) (
            OpaquePointer?, UnsafeMutablePointer<CChar>?, Int, UnsafeMutablePointer<Int>?
        ) -> CInt = { bio, target, wanted, taken in
            BIO_clear_flags(bio, retryFlags)
            guard let lane = BIO_get_data(bio)?.assumingMemoryBound(to: TLSLane.self),
                let target, let taken
            else { return 0 }
            guard let input = lane.pointee.input, lane.pointee.inputCount > 0 else {
                BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
                return 0
            }
            let count = min(wanted, lane.pointee.inputCount)
            memcpy(target, input, count)
            lane.pointee.input = input + count
            lane.pointee.inputCount -= count
            taken.pointee = count
            return 1
        }

    private static let write:
        @convention(c) (
            OpaquePointer?, UnsafePointer<CChar>?, Int, UnsafeMutablePointer<Int>?
        ) -> CInt = { bio, source, offered, taken in
            BIO_clear_flags(bio, retryFlags)
            guard let lane = BIO_get_data(bio)?.assumingMemoryBound(to: TLSLane.self),
                let source, let taken
            else { return 0 }
            let count = min(offered, lane.pointee.outputCapacity - lane.pointee.outputCount)
            guard count > 0 else {
                BIO_set_flags(bio, BIO_FLAGS_WRITE | BIO_FLAGS_SHOULD_RETRY)
                return 0
            }
            memcpy(lane.pointee.output + lane.pointee.outputCount, source, count)
            lane.pointee.outputCount += count
            taken.pointee = count
            return 1
        }
}

/// Bounds of TLS.
public enum TLSLimits {
    /// Plaintext of one record (RFC 8446, 5.1).
    public static let recordByteCountMax = 16 * 1024
    /// A record on the wire: header, explicit nonce, content type and tag besides the plaintext.
    static let wireRecordByteCountMax = recordByteCountMax + 256
    /// Ciphertext that is sent in one call: about seven records. More gains nothing measurable.
    static let outputByteCountMax = 128 * 1024
    /// Ciphertext that is read in one call.
    static let inputByteCountMax = 64 * 1024
    /// What a certificate file may hold: about a hundred certificates.
    public static let pemByteCountMax = 1024 * 1024
    /// For how long a ticket key makes new tickets, and then for as long again reads them.
    static let ticketKeySeconds: Int64 = 12 * 3600
}

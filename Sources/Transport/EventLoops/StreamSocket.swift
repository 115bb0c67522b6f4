// A connected TCP socket on a loop.

import Buffers
import Glibc
import SystemCalls

/// A connected socket that never blocks. Used on its loop only.
public final class StreamSocket: ByteStream, Registered, @unchecked Sendable {
    // Reason: used on its loop only.
    public let loop: EventLoop
    public var handler: (any ByteStreamHandler)?
    private var descriptor: Descriptor?
    private let rawDescriptor: CInt
    private var token: UInt64 = 0

    /// Takes over a socket and starts to watch it. It stays open until `close()`.
    /// - Throws: `SystemError` when it cannot be watched for lack of memory; it is closed then.
    /// - Precondition: called on the loop; the socket does not block.
    public init(_ descriptor: consuming Descriptor, on loop: EventLoop) throws(SystemError) {
        self.loop = loop
        rawDescriptor = descriptor.rawValue
        self.descriptor = consume descriptor
        token = try loop.register(rawDescriptor, self)
    }

    public var isOpen: Bool { descriptor != nil }

    /// Why connecting failed, once the socket reported something; nil when it is connected.
    /// - Precondition: the socket is open.
    public func connectError() -> SystemError? {
        guard descriptor != nil else { preconditionFailure("the socket is closed") }
        return descriptor!.connectError()
    }

    public func read(into buffer: UnsafeMutableRawBufferPointer) -> ReadOutcome {
        loop.assertOnLoop()
        guard descriptor != nil else { return .failed }
        switch descriptor!.read(into: buffer) {
        case .bytes(0): return .end
        case .bytes(let count): return .bytes(count, isDrained: count < buffer.count)
        case .wouldBlock: return .wouldBlock
        case .failed: return .failed
        }
    }

    public func write(_ buffer: UnsafeRawBufferPointer) -> WriteOutcome {
        loop.assertOnLoop()
        guard descriptor != nil else { return .failed }
        return outcome(of: descriptor!.send(buffer), asked: buffer.count)
    }

    public func write(_ segments: [Bytes], from position: SegmentPosition) -> WriteOutcome {
        loop.assertOnLoop()
        guard descriptor != nil else { return .failed }
        let (vector, byteCount) = loop.gather(segments, from: position)
        return outcome(of: descriptor!.send(vector), asked: byteCount)
    }

    private func outcome(of transfer: Transfer, asked byteCount: Int) -> WriteOutcome {
        switch transfer {
        // A full socket reports itself writable only after a write that was cut short or refused.
        case .bytes(let count): .bytes(count, isFull: count < byteCount)
        case .wouldBlock: .bytes(0, isFull: true)
        case .failed: .failed
        }
    }

    public func deliverAgain(_ readiness: Readiness) {
        guard descriptor != nil else { return }
        loop.deliverAgain(readiness, token: token)
    }

    public func finishWriting() {
        loop.assertOnLoop()
        guard descriptor != nil else { return }
        descriptor!.finishSending()
    }

    public func close() {
        loop.assertOnLoop()
        guard descriptor != nil else { return }
        loop.unregister(rawDescriptor, token: token)
        descriptor = nil
        handler = nil
    }

    // MARK: From the loop

    var isListener: Bool { false }

    func becameReady(_ readiness: Readiness) {
        handler?.streamBecameReady(readiness)
    }

    func loopShutsDown() {
        handler?.streamWillEnd()
        close()
    }
}

extension EventLoop {
    /// The segments from `position` on in the kernel's form, as far as one call may take them.
    /// Valid until the next call, while `segments` is alive.
    func gather(
        _ segments: [Bytes], from position: SegmentPosition
    ) -> (vector: UnsafeBufferPointer<iovec>, byteCount: Int) {
        var count = 0
        var byteCount = 0
        var skipped = position.byte
        for index in position.segment..<segments.count {
            guard count < vector.count, byteCount < Limits.bytesPerWriteMax else { break }
            segments[index].withUnsafeBytes { bytes in
                let rest = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(skipped))
                let base = UnsafeMutableRawPointer(mutating: rest.baseAddress)
                vector[count] = iovec(iov_base: base, iov_len: rest.count)
                byteCount += rest.count
            }
            skipped = 0
            count += 1
        }
        return (UnsafeBufferPointer(rebasing: vector[..<count]), byteCount)
    }
}

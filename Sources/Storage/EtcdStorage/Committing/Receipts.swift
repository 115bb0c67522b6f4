// What a transaction leaves in the store, so that it is not taken for another one that does the
// same.

import Buffers
import Storage
import Synchronization

/// A key that a transaction puts together with its changes, and what it puts there.
struct Receipt: Hashable, Sendable {
    let key: Bytes
    /// This commit's alone, whoever used the key before.
    let number: Bytes
    fileprivate let slot: Int
}

/// The receipts of one process. A key belongs to one commit at a time and is used again by later
/// ones, so that there are no more keys than there were commits at once.
final class ReceiptBook: Sendable {
    private struct State {
        var slotCount = 0
        var free: [Int] = []
        /// Those of commits that may yet be carried out, as long as the session's key has no newer
        /// revision than this.
        var doubtful: [(slot: Int, session: Revision)] = []
        var commitCount: UInt64 = 0

        mutating func settle(_ session: Revision) {
            free += doubtful.filter { $0.session < session }.map(\.slot)
            doubtful.removeAll { $0.session < session }
        }

        mutating func takeSlot() -> Int {
            if let slot = free.popLast() { return slot }
            defer { slotCount += 1 }
            return slotCount
        }
    }

    private let process = UInt64.random(in: .min ... .max)
    private let state = Mutex(State())
    /// The key of a slot.
    private let key: @Sendable (Int) -> Bytes

    init(key: @escaping @Sendable (Int) -> Bytes) { self.key = key }

    /// A receipt for a new commit.
    /// - Parameter session: the revision of the session's key, as far as it is known.
    func take(under session: Revision) -> Receipt {
        let (slot, count) = state.withLock { state in
            state.settle(session)
            state.commitCount += 1
            return (state.takeSlot(), state.commitCount)
        }
        let number = Bytes("\(String(process, radix: 36))-\(count)")
        return Receipt(key: key(slot), number: number, slot: slot)
    }

    /// It is known how the commit ended.
    func giveBack(_ receipt: Receipt) { state.withLock { $0.free.append(receipt.slot) } }

    /// It is not known: until the session has been renewed, the commit may still put its number.
    func keep(_ receipt: Receipt, under session: Revision) {
        state.withLock { $0.doubtful.append((receipt.slot, session)) }
    }
}

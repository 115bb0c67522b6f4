// A network between the caller and the store that loses requests and answers.

import Buffers
import Storage
import Synchronization

/// Passes everything on to another store, but loses some commits on the way there or on the way
/// back. Either way the caller gets `uncertain`.
public final class FaultyStore: ForwardingStore {
    public enum Fault: Hashable, Sendable {
        /// The commit reaches the store; the answer is lost.
        case answerLost
        /// The commit never reaches the store.
        case requestLost
    }

    private let store: any Store
    private let fault: Mutex<@Sendable () -> Fault?>

    /// - Parameter fault: asked once before each commit.
    public init(_ store: any Store, fault: @escaping @Sendable () -> Fault?) {
        self.store = store
        self.fault = Mutex(fault)
    }

    public var isExclusive: Bool { store.isExclusive }
    public var valueByteCountMax: Int { store.valueByteCountMax }

    public func reached() -> any Store { store }

    public func commit(_ transaction: Transaction) async throws(StorageError) -> CommitResult {
        let fault = fault.withLock { $0() }
        let key = transaction.operations.first?.key ?? Key(Bytes.empty)
        if fault == .requestLost { throw .uncertain(key, reason: "the request was lost") }
        let result = try await store.commit(transaction)
        if fault == .answerLost { throw .uncertain(key, reason: "the answer was lost") }
        return result
    }

    public func watch(after revision: Revision, _ range: KeyRange) -> EventStream {
        store.watch(after: revision, range)
    }
}

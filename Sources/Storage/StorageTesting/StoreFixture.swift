// What the contract suite needs to know about a store besides the contract.

import Storage

/// A fresh, empty store and what may be done to it from outside.
public struct StoreFixture: Sendable {
    public let store: any Store
    /// Ends the store; every call afterwards throws `closed`.
    public let close: @Sendable () async throws -> Void
    /// Opens again what `close` closed; `nil` for a store that does not outlive its process.
    public let reopen: (@Sendable () async throws -> StoreFixture)?

    public init(
        store: any Store, close: @escaping @Sendable () async throws -> Void,
        reopen: (@Sendable () async throws -> StoreFixture)? = nil
    ) {
        self.store = store
        self.close = close
        self.reopen = reopen
    }
}

/// A promise of the contract that was not kept.
public struct Violation: Error, CustomStringConvertible {
    public let description: String
}

/// One promise of the contract, named by a sentence.
public struct StoreCheck: Sendable, CustomStringConvertible {
    public let name: String
    private let body: @Sendable (_ makeStore: MakeStore) async throws -> Void

    /// Makes a fresh, empty store with an identity of its own.
    public typealias MakeStore = @Sendable () async throws -> StoreFixture

    public var description: String { name }

    init(_ name: String, _ body: @escaping @Sendable (MakeStore) async throws -> Void) {
        self.name = name
        self.body = body
    }

    /// A check that needs one store and leaves it open.
    init(_ name: String, on body: @escaping @Sendable (any Store) async throws -> Void) {
        self.init(name) { makeStore in
            let fixture = try await makeStore()
            try await body(fixture.store)
            try await fixture.close()
        }
    }

    /// - Throws: `Violation`, or what the store threw where it should not have.
    public func run(_ makeStore: MakeStore) async throws { try await body(makeStore) }
}

/// The contract of every store, as checks that a store's tests run one by one.
public enum StoreContract {
    public static let checks: [StoreCheck] =
        commitChecks + readChecks + watchChecks + compactionChecks + historyChecks
        + lifeChecks + propertyChecks
}

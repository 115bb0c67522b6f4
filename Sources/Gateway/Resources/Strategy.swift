// How a kind behaves beyond what its schema says.

import APIModel
import JSON

/// The facts that a strategy may use. Strategies read no clock and draw no random numbers of their
/// own.
public struct StrategyContext: Sendable {
    /// When the request was received.
    public let now: Timestamp
    /// Draws a number from `range`, each equally likely.
    public let random: @Sendable (_ range: Range<UInt32>) -> UInt32
    /// Who sent the request; `nil` when the server itself did.
    public var sender: Sender?

    public init(now: Timestamp, random: @escaping @Sendable (Range<UInt32>) -> UInt32) {
        self.now = now
        self.random = random
    }
}

/// What a strategy may know of the user who sent a request.
public struct Sender: Sendable {
    public let name: String
    public let uid: String
    public let groups: [String]
    public let extra: [String: [String]]

    public init(name: String, uid: String, groups: [String], extra: [String: [String]]) {
        self.name = name
        self.uid = uid
        self.groups = groups
        self.extra = extra
    }
}

/// Something of which there is one in the cluster, such as a service's address. It is held by the
/// object whose transaction claimed it, and let go when that object changes or is deleted.
public struct Claim: Hashable, Sendable {
    /// Unique in the cluster, such as `clusterips/10.96.0.17`.
    public let name: String
    /// What to tell a client that chose a value that is taken. `nil` when the strategy chose it:
    /// the creation is tried again and the strategy chooses another.
    public let refusal: FieldError?

    public init(name: String, refusal: FieldError?) {
        self.name = name
        self.refusal = refusal
    }

    public static func == (left: Claim, right: Claim) -> Bool { left.name == right.name }

    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// How an object leaves.
public enum Deletion: Hashable, Sendable {
    /// At once, when no finalizer holds it.
    case immediate
    /// `deletionTimestamp` is set that many seconds ahead; whoever runs the object deletes it
    /// again, with a period of zero, when it has ended: then it leaves at once, and is answered
    /// with the mark of a deletion.
    case graceful(seconds: Int64)
}

/// How a kind behaves beyond what its schema says. Each function has a default that suits most
/// kinds. Objects are whole, as clients see them. The order on a write is: `applyDefaults`,
/// `prepareFor…`, `validate…`.
public protocol Strategy: Sendable {
    /// Defaults that depend on other fields; the schema's own have been applied.
    func applyDefaults(to object: inout JSONValue)
    /// Sets what the server owns in a new object.
    func prepareForCreate(_ object: inout JSONValue, _ context: StrategyContext)
    /// Sets what the server owns, or keeps from `old`, in a changed object.
    func prepareForUpdate(
        _ object: inout JSONValue, from old: JSONValue, _ context: StrategyContext)
    /// The same for a write of the `status` subresource. The caller keeps all but `status` from
    /// `old`.
    func prepareForStatusUpdate(
        _ object: inout JSONValue, from old: JSONValue, _ context: StrategyContext)
    /// The same for a write of another subresource that shows the object itself, such as
    /// `approval`: keeps everything from `old` but what that subresource is there to change.
    func prepare(
        _ object: inout JSONValue, forSubresource name: String, from old: JSONValue,
        _ context: StrategyContext)
    /// Rules that the schema cannot say. All causes at once.
    func validate(_ object: JSONValue) -> [FieldError]
    /// Rules for a new object, beyond `validate`.
    func validateCreate(_ object: JSONValue) -> [FieldError]
    /// Rules for the change from `old`, beyond `validate`.
    func validateUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError]
    /// Rules for a change of `status`.
    func validateStatusUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError]
    /// Rules for a change by another subresource.
    func validate(
        _ object: JSONValue, forSubresource name: String, from old: JSONValue
    ) -> [FieldError]
    /// What this object needs to have for itself. `sent` is the object before `prepareFor…` filled
    /// it in: what stands there was the client's choice and carries a refusal. With `null` nothing
    /// was.
    func claims(of object: JSONValue, sent: JSONValue) -> [Claim]
    /// How this object is deleted when the client asked for `gracePeriodSeconds`, or left it open.
    func deletion(of object: JSONValue, gracePeriodSeconds: Int64?) -> Deletion
    /// Whether an object that is marked for deletion and has no finalizers may leave the store.
    func mayEnd(_ object: JSONValue) -> Bool
    /// Sets what shows that the object's deletion has begun; the timestamps have been set.
    func prepareForDeletion(_ object: inout JSONValue)
    /// Why this object may not be deleted, or `nil`.
    func refusalToDelete(_ object: JSONValue) -> String?
    /// Whether a PUT to a name that is not there creates it.
    var createsOnUpdate: Bool { get }
    /// Whether an update without resourceVersion replaces whatever is there.
    var allowsUnconditionalUpdate: Bool { get }
    /// Whether a write of `status` may also change labels and annotations.
    var statusUpdateKeepsMetadata: Bool { get }
    /// Whether a DELETE answers with the object instead of a `Status`.
    var deletionAnswersWithObject: Bool { get }
    /// Whether the dependents of a deleted object stay when the deletion does not say.
    var orphansDependents: Bool { get }
    /// Whether a new object keeps the status that the client gave, as nodes do that register
    /// themselves.
    var keepsStatusOnCreate: Bool { get }
    /// Where the value of a selectable field stands, the first place that has one winning.
    func places(ofField field: String) -> [[String]]
    /// What a selectable field reads as when the object does not have it.
    func absentValue(ofField field: String) -> String
    /// The value of a computed table cell (`"cell"` in the kind's columns), or `nil` when this kind
    /// has no such cell. A cell that there is has a value for every object, also an empty one.
    func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue?
}

extension Strategy {
    public func applyDefaults(to object: inout JSONValue) {}
    public func prepareForCreate(_ object: inout JSONValue, _ context: StrategyContext) {}
    public func prepareForUpdate(
        _ object: inout JSONValue, from old: JSONValue, _ context: StrategyContext
    ) {}
    public func prepareForStatusUpdate(
        _ object: inout JSONValue, from old: JSONValue, _ context: StrategyContext
    ) {}
    public func prepare(
        _ object: inout JSONValue, forSubresource name: String, from old: JSONValue,
        _ context: StrategyContext
    ) {
        object = old.keepingVersion(of: object)
    }
    public func validate(_ object: JSONValue) -> [FieldError] { [] }
    public func validateCreate(_ object: JSONValue) -> [FieldError] { [] }
    public func validateUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError] { [] }
    public func validateStatusUpdate(_ object: JSONValue, from old: JSONValue) -> [FieldError] {
        []
    }
    public func validate(
        _ object: JSONValue, forSubresource name: String, from old: JSONValue
    ) -> [FieldError] { [] }
    public func claims(of object: JSONValue, sent: JSONValue) -> [Claim] { [] }
    public func deletion(of object: JSONValue, gracePeriodSeconds: Int64?) -> Deletion {
        .immediate
    }
    public func mayEnd(_ object: JSONValue) -> Bool { true }
    public func prepareForDeletion(_ object: inout JSONValue) {}
    public func refusalToDelete(_ object: JSONValue) -> String? { nil }
    public var createsOnUpdate: Bool { false }
    public var allowsUnconditionalUpdate: Bool { true }
    public var statusUpdateKeepsMetadata: Bool { true }
    public var deletionAnswersWithObject: Bool { false }
    public var orphansDependents: Bool { false }
    public var keepsStatusOnCreate: Bool { false }
    public func places(ofField field: String) -> [[String]] {
        [field.split(separator: ".").map(String.init)]
    }
    public func absentValue(ofField field: String) -> String { "" }
    public func cell(_ name: String, of object: JSONValue, now: Timestamp) -> JSONValue? { nil }
}

extension Strategy {
    /// The claims of a stored object, where only their names matter.
    public func claims(of object: JSONValue) -> [Claim] { claims(of: object, sent: .null) }
}

/// A kind with nothing of its own.
public struct PlainStrategy: Strategy {
    public init() {}
}

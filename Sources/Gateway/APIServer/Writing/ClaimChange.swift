import APIModel
import Buffers
import Resources
import Storage

/// What a write claims and lets go. Claims are keys of their own, put and deleted in the object's
/// transaction, so that they hold across gateways.
struct ClaimChange {
    private let taken: [Claim]
    private let released: [Claim]

    init(from old: [Claim], to new: [Claim]) {
        taken = new.filter { !old.contains($0) }
        released = old.filter { !new.contains($0) }
    }

    func add(to transaction: inout Transaction, owner: Key) {
        for claim in taken {
            transaction.comparisons.append(.absent(Self.key(claim)))
            transaction.operations.append(.put(Self.key(claim), owner.bytes))
        }
        for claim in released { transaction.operations.append(.delete(Self.key(claim))) }
    }

    /// What to tell the client when `comparison` failed; `nil` when the strategy may choose again.
    func refusal(for comparison: Comparison) -> FieldError? {
        taken.first { comparison == .absent(Self.key($0)) }?.refusal
    }

    /// Claims stand beside the resources: `binnacle.claims/clusterips/10.96.0.17`.
    private static func key(_ claim: Claim) -> Key { Key("binnacle.claims/" + claim.name) }
}

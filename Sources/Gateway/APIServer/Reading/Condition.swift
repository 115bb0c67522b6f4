import Buffers
import HTTPWire
import Storage

/// The condition of a conditional GET: answer only when there is something new.
struct Condition {
    private let tags: [EntityTag]
    /// How long to wait for something new before saying that there is none.
    let wait: Duration?

    init(_ head: RequestHead) {
        guard let field = head.headers.first("if-none-match") else {
            tags = []
            wait = nil
            return
        }
        tags = EntityTag.tags(of: field)
        wait = head.preferredWait
    }

    /// Whether the client has what is there: the answer is 304, or waits.
    func isMet(by revision: Revision) -> Bool {
        !tags.isEmpty && tags.contains(EntityTag(revision))
    }

    /// The newest of the revisions that the client has.
    var newest: Revision? { tags.map(\.revision).max() }
}

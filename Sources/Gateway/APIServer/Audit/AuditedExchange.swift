// Looks on while a request is answered, for the audit log.

import APIModel
import Access
import Buffers
import HTTPServer
import HTTPWire

/// A request on its way, as the audit log will tell it. Used on the loop of its exchange only.
final class AuditedExchange: ExchangeObserver {
    private let trail: AuditTrail
    private var record: AuditRecord

    init(_ trail: AuditTrail, _ request: Request, _ route: Route) {
        self.trail = trail
        let now = WallClock.preciseNow()
        record = AuditRecord(
            id: Self.id(request.head.headers), request: request,
            question: AccessQuestion(route, request.head), isServed: route.counters != nil,
            received: now, completed: now)
    }

    /// The client's own, when it can stand in a field and a log; a new one else.
    private static func id(_ headers: HeaderFields) -> String {
        guard let given = headers.first("audit-id"), !given.isEmpty,
            given.count <= Limits.auditIDByteCountMax,
            given.array.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
        else { return UniqueID.make() }
        return given.description
    }

    func admitted(_ requester: Requester, reason: String) {
        record.requester = requester
        record.reason = reason
    }

    /// - Parameter requester: who was known by then.
    func refused(_ requester: Requester?, _ refusal: APIStatus) {
        record.requester = requester
        record.refusal = refusal
    }

    /// Adds what admission has to say.
    func annotate(_ annotations: [String: String]) { record.notes = annotations }

    func willAnswer(_ status: HTTPStatus, _ fields: inout ResponseFields) {
        fields.add("Audit-Id", record.id)
    }

    func didAnswer(_ status: HTTPStatus?) {
        record.status = status.map { Int($0.code) }
        record.completed = WallClock.preciseNow()
        trail.take(record)
    }
}

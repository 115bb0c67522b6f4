import Buffers
import Storage
import Testing

@testable import EtcdStorage

struct TransactionPlanTests {
    private let keyspace = Keyspace(prefix: "/b/")
    private let receipt = ReceiptBook { _ in "r" }.take(under: .zero)

    private func plan(_ transaction: Transaction) -> TransactionPlan {
        TransactionPlan(transaction, keyspace, session: ("s", Revision(4)), receipt)
    }

    @Test func `comparisons, puts and deletions become a txn that reads what it compared`() {
        let call = plan(
            Transaction(
                comparisons: [
                    .absent("a"), .present("b"), .unchanged("a", since: Revision(8)),
                ],
                operations: [.put("a", "x"), .delete("b")])
        ).call
        let (a, b, s) = (Bytes("/b/items/a").base64, Bytes("/b/items/b").base64, "cw==")
        #expect(call.path == "/v3/kv/txn")
        #expect(
            call.body.description
                == #"{"compare":[{"key":"\#(s)","target":"MOD","result":"EQUAL","#
                + #""mod_revision":"4"},"#
                + #"{"key":"\#(a)","target":"VERSION","result":"EQUAL","version":"0"},"#
                + #"{"key":"\#(b)","target":"VERSION","result":"GREATER","version":"0"},"#
                + #"{"key":"\#(a)","target":"MOD","result":"EQUAL","mod_revision":"8"}],"#
                + #""success":[{"request_put":{"key":"\#(a)","value":"eA=="}},"#
                + #"{"request_delete_range":{"key":"\#(b)"}},"#
                + #"{"request_put":{"key":"cg==","value":"\#(receipt.number.base64)"}}],"#
                + #""failure":[{"request_range":{"key":"\#(s)"}},"#
                + #"{"request_range":{"key":"\#(a)"}},{"request_range":{"key":"\#(b)"}}]}"#)
    }

    @Test func `unchanged since never cannot hold, although etcd counts an absent key as zero`() {
        let body = plan(
            Transaction(comparisons: [.unchanged("a", since: .zero)], operations: [])
        ).call.body.description
        #expect(body.contains(#""target":"VERSION","result":"GREATER","version":"0"}"#))
    }

    @Test func `what may change nothing leaves no receipt, which would be a change`() {
        let unsure = Transaction(comparisons: [.absent("b")], operations: [.delete("a")])
        let sure = Transaction(comparisons: [.present("a")], operations: [.delete("a")])
        #expect(!plan(unsure).call.body.description.contains("request_put"))
        #expect(plan(sure).call.body.description.contains("request_put"))
    }

    private func answer(session: Int?, _ found: [String]) throws -> TransactionAnswer {
        let own = session.map { "{\"key\":\"cw==\",\"mod_revision\":\"\($0)\"}" } ?? ""
        let responses = ([own] + found).map { item in
            item.isEmpty
                ? "{\"response_range\":{\"header\":{}}}"
                : "{\"response_range\":{\"kvs\":[\(item)],\"count\":\"1\"}}"
        }
        let list = responses.joined(separator: ",")
        return try TransactionAnswer(
            Bytes("{\"header\":{\"revision\":\"12\"},\"responses\":[\(list)]}"))
    }

    private func item(_ key: String, _ revision: Int) -> String {
        let raw = Bytes("/b/items/" + key).base64
        return "{\"key\":\"\(raw)\",\"mod_revision\":\"\(revision)\",\"value\":\"eA==\"}"
    }

    @Test func `the first comparison that fails is named, with the item that is there`() throws {
        let plan = plan(
            Transaction(
                comparisons: [.present("a"), .unchanged("b", since: Revision(5)), .absent("c")],
                operations: [.delete("a")]))
        let outcome = try plan.outcome(
            try answer(session: 4, [item("a", 3), item("b", 9), item("c", 2)]))
        #expect(
            outcome
                == .ended(
                    .conflict(
                        .unchanged("b", since: Revision(5)),
                        current: Item(key: "b", value: "x", revision: Revision(9)))))
        let gone = try plan.outcome(try answer(session: 4, ["", item("b", 5), ""]))
        #expect(gone == .ended(.conflict(.present("a"), current: nil)))
    }

    @Test func `a renewed session is no conflict, whatever else has failed`() throws {
        let plan = plan(Transaction(comparisons: [.absent("a")], operations: [.put("a", "x")]))
        #expect(
            try plan.outcome(try answer(session: 11, [item("a", 3)]))
                == .outdated(session: Revision(11)))
        #expect(try plan.outcome(try answer(session: nil, [""])) == .outdated(session: nil))
    }

    @Test func `a refusal without a failed comparison is etcd's contradiction`() throws {
        let plan = plan(Transaction(comparisons: [.absent("a")], operations: []))
        #expect(throws: StorageError.self) { try plan.outcome(try answer(session: 4, [""])) }
        #expect(throws: StorageError.self) { try plan.outcome(try answer(session: 4, [])) }
    }

    @Test func `success is committed at the revision of the answer`() throws {
        var answer = TransactionAnswer()
        answer.hasSucceeded = true
        answer.header.revision = Revision(12)
        #expect(
            try plan(Transaction(operations: [])).outcome(answer)
                == .ended(.committed(Revision(12))))
    }
}

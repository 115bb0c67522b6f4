import Buffers
import SeedTesting
import Storage
import StorageTesting
import Testing

@testable import EtcdStorage

struct WireTests {
    @Test func `bytes of every length come back from base64`() throws {
        var random = SeededGenerator(seed: 4)
        for count in 0..<200 {
            let bytes = Bytes((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
            var buffer = ByteBuffer()
            Base64.append(bytes, to: &buffer)
            let text = buffer.freeze()
            #expect(text.description == bytes.base64)
            #expect(text.withUnsafeBytes { Base64.decode($0) } == bytes)
        }
    }

    @Test(arguments: ["A", "AB=C", "====", "AB\n=", "A===", "Zm9v!mFy"])
    func `what is no base64 is refused`(_ text: String) {
        #expect(Bytes(text).withUnsafeBytes { Base64.decode($0) } == nil)
    }

    @Test func `a range is read, with spaces and unknown members as newer members write`() throws {
        let answer = try RangeAnswer(
            """
            { "header" : {"cluster_id":"324952591200643719", "raft_term":"2","revision": "9"},
              "kvs" : [{"key":"L2IvaXRlbXMvYQ==","create_revision":"3","mod_revision":"7",
                        "version":"2","value":"e30=","lease":"0"}, {"key":"L2IvbWV0YS94"}],
              "new" : {"a":[1,-2.5e3,"\\"}]",null,true]}, "more": true, "count":"12" }
            """)
        #expect(answer.header.clusterID == sampleCluster)
        #expect(answer.header.revision == Revision(9))
        #expect(answer.items.count == 2)
        #expect(answer.items[0].key == "/b/items/a")
        #expect(answer.items[0].value == "{}")
        #expect(answer.items[0].modified == Revision(7))
        #expect(answer.items[1].value == .empty)
        #expect(answer.hasMore)
    }

    @Test func `refusals are read in the forms of 3_4 and of 3_6`() throws {
        let old: Bytes = """
            {"error":"etcdserver: mvcc: required revision has been compacted",\
            "message":"etcdserver: mvcc: required revision has been compacted","code":11}
            """
        let new: Bytes = """
            {"code":11, "message":"etcdserver: mvcc: required revision has been compacted", \
            "details":[]}
            """
        for answer in [old, new] {
            let refusal = try RefusalAnswer(answer)
            #expect(refusal.code == 11)
            #expect(refusal.isCompacted)
            #expect(!refusal.isOfMember)
        }
        let stream: Bytes = """
            {"error":{"grpc_code":14,"http_code":503,"message":"etcdserver: no leader"}}
            """
        let line = try WatchAnswer.read(stream)
        guard case .failure(let refused) = line else {
            Issue.record("read as \(line)")
            return
        }
        #expect(refused.refusal.wasNotTried)
    }

    @Test(arguments: [
        "", "{", "{\"kvs\":[}", "{\"kvs\":[{\"key\":\"A\"}]}", "{\"more\":maybe}", "[]",
        "{\"header\":{\"revision\":\"-1\"}}", "{} {}", "{\"kvs\":[{}]", "{\"x\":\"",
        "{\"header\":{\"revision\":\"18446744073709551616\"}}", "{\"x\":}", "{\"x\" 1}",
    ])
    func `an answer that is none is refused with its place`(_ text: String) {
        #expect(throws: WireError.self) { try RangeAnswer(Bytes(text)) }
    }

    @Test func `whatever is cut off or changed in an answer, reading ends`() throws {
        let whole = sampleLine(
            [SampleChange(key: "items/a", revision: 3), SampleChange(key: "x", revision: 4)],
            revision: 4)
        var random = SeededGenerator(seed: 7)
        for _ in 0..<3_000 {
            var bytes = whole.array
            bytes.removeLast(.random(in: 0..<bytes.count, using: &random))
            if !bytes.isEmpty {
                bytes[.random(in: 0..<bytes.count, using: &random)] = .random(
                    in: 0...255, using: &random)
            }
            _ = try? WatchAnswer.read(Bytes(bytes))
        }
        #expect(throws: Never.self) { try WatchAnswer.read(whole) }
    }

    @Test func `requests are written as protobuf's JSON form has them`() {
        #expect(
            Call.range(RawRange(lower: "a", upper: "b"), limit: 7, at: Revision(9)).body
                .description == #"{"key":"YQ==","range_end":"Yg==","limit":"7","revision":"9"}"#)
        #expect(
            Call.watch(RawRange(lower: "a", upper: "b"), from: Revision(5)).body.description
                == #"{"create_request":{"key":"YQ==","range_end":"Yg==","start_revision":"5","#
                + #""prev_kv":true,"progress_notify":true,"fragment":true}}"#)
        #expect(Call.compaction(Revision(3)).body.description == #"{"revision":"3"}"#)
    }
}

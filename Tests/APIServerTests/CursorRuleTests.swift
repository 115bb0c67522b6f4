import APIModel
import JSON
import Storage
import Testing
import WatchCache

@testable import APIServer

@Suite struct CursorRuleTests {
    private static let noon = Timestamp(seconds: 1_767_268_800)
    private static let name = try! CursorName("mine", of: "me")
    private static let followed = FollowedCollection(["path": "/api/v1/pods"])

    private func rules(
        secondsLater seconds: Int64 = 0, newest: UInt64 = 100, quietEnd: UInt64? = nil
    ) -> CursorRules {
        CursorRules(
            now: Timestamp(seconds: Self.noon.seconds + seconds), lifetime: .seconds(8000),
            window: (Revision(20), Revision(newest)), quietEnd: quietEnd.map { Revision($0) })
    }

    private func cursor(at revision: UInt64) -> WatchCursor {
        WatchCursor(
            Self.name, for: Self.followed, acknowledged: Revision(revision), now: Self.noon)
    }

    @Test func `what says nothing new is not written`() {
        #expect(rules().decide(cursor(at: 0), .none) == .keep)
        #expect(rules().decide(cursor(at: 0), .startOver) == .keep)
        #expect(rules().decide(cursor(at: 90), .none) == .keep)
        #expect(rules().decide(cursor(at: 90), .through(Revision(90))) == .keep)
    }

    @Test func `an acknowledgement is written, and one that goes back refused`() {
        #expect(
            rules().decide(cursor(at: 90), .through(Revision(91))) == .write(Revision(91)))
        #expect(rules().decide(cursor(at: 90), .startOver) == .write(.zero))
        #expect(rules().decide(cursor(at: 90), .through(Revision(89))) == .backwards)
    }

    @Test func `an acknowledgement of nothing is written when the position grows old`() {
        let through = Acknowledgement.through(Revision(95))
        #expect(rules(quietEnd: 95).decide(cursor(at: 90), through) == .keep)
        #expect(rules(quietEnd: 94).decide(cursor(at: 90), through) == .write(Revision(95)))
        // The window's middle is at 90, and then at 91.
        #expect(rules(newest: 160, quietEnd: 95).decide(cursor(at: 90), through) == .keep)
        #expect(
            rules(newest: 162, quietEnd: 95).decide(cursor(at: 90), through)
                == .write(Revision(95)))
    }

    @Test func `the use of a cursor is noted eight times in its lifetime`() {
        let through = Acknowledgement.through(Revision(90))
        #expect(rules(secondsLater: 999).decide(cursor(at: 90), through) == .keep)
        #expect(
            rules(secondsLater: 1000).decide(cursor(at: 90), through) == .write(Revision(90)))
        #expect(rules(secondsLater: 1000).decide(cursor(at: 90), .none) == .write(Revision(90)))
        #expect(rules(secondsLater: 1000).decide(cursor(at: 0), .startOver) == .write(.zero))
        // Another gateway's clock may be ahead.
        #expect(rules(secondsLater: -5000).decide(cursor(at: 90), through) == .keep)
    }

    @Test func `two users' cursors of one name have nothing to do with each other`() async throws {
        try await TestGateway.run { gateway in
            let revision = try await gateway.create("a").revision
            let acknowledged = Revision(try #require(UInt64(revision)))
            let cursors = gateway.gateway.cursors
            let maps = try #require(gateway.gateway.cache.resource("core/configmaps"))
            func take(
                _ user: String, _ acknowledgement: Acknowledgement
            ) async throws -> HeldCursor {
                try await cursors.take(
                    CursorUse(
                        name: try CursorName("mine", of: user), collection: Self.followed,
                        followed: maps, acknowledgement: acknowledgement))
            }
            let ann = try await take("ann", .through(acknowledged))
            let bob = try await take("bob", .none)
            #expect(ann.position == acknowledged)
            #expect(bob.position == .zero)
            let again = try await take("ann", .none)
            #expect(again.position == acknowledged)
            let listed = try await gateway.get(TestGateway.cursors)
            #expect(listed.names == ["mine.of-ann", "mine.of-bob"])
        }
    }

    @Test func `no two cursors share an object, and each has a valid name`() throws {
        let texts = ["a", "b", "a.b", "a.of-b", "of-a", "a-2eb", "a-b"]
        let users = texts + ["system:admin", "A", "ä", "-", ".", "a@b", "a/b", "system:"]
        var names: Set<String> = []
        for cursor in texts {
            for user in users {
                let name = try CursorName(cursor, of: user).objectName
                #expect(ValueFormat.dns1123Subdomain.check(name) == [])
                #expect(names.insert(name).inserted, "\(cursor) of \(user)")
            }
        }
        #expect(throws: APIStatus.self) { try CursorName("a", of: "") }
        #expect(throws: APIStatus.self) {
            try CursorName("a", of: String(repeating: "x", count: 249))
        }
    }

    @Test func `a quiet stretch belongs to one position of one cursor, and has no gaps`() {
        let stretches = QuietStretches()
        let held = HeldCursor(
            name: Self.name, uid: "1", acknowledged: Revision(10), position: Revision(10))
        stretches.extend(held, from: Revision(10), to: Revision(20))
        stretches.extend(held, from: Revision(15), to: Revision(30))
        #expect(stretches.end(of: "1", after: Revision(10)) == Revision(30))
        stretches.extend(held, from: Revision(31), to: Revision(40))
        stretches.extend(held, from: Revision(10), to: Revision(25))
        #expect(stretches.end(of: "1", after: Revision(10)) == Revision(30))
        #expect(stretches.end(of: "1", after: Revision(11)) == nil)
        #expect(stretches.end(of: "2", after: Revision(10)) == nil)
        let later = HeldCursor(
            name: Self.name, uid: "1", acknowledged: Revision(35), position: Revision(35))
        stretches.extend(later, from: Revision(30), to: Revision(36))
        #expect(stretches.end(of: "1", after: Revision(35)) == Revision(36))
        stretches.keep([])
        #expect(stretches.end(of: "1", after: Revision(35)) == nil)
    }
}

@Suite struct CursorExpiryTests {
    private let maps = TestGateway.configMaps

    @Test func `a cursor that nobody uses is removed, and one in use stays`() async throws {
        try await TestGateway.run { gateway in
            try await gateway.create("a")
            for name in ["idle", "used"] {
                _ = try await gateway.get(maps + "?poll=true&cursor=" + name)
            }
            let query = "?watch=1&timeoutSeconds=999999&fieldSelector=spec.cursor%3D"
            let idle = try await gateway.watch(TestGateway.cursors + query + "idle")
            #expect(await idle.next(1) == ["ADDED idle.of-system-3aadmin"])
            // The default window is a day.
            await gateway.advance(seconds: 20 * 3600)
            _ = try await gateway.get(maps + "?poll=true&cursor=used")
            await gateway.advance(seconds: 5 * 3600)
            #expect(await idle.next(1) == ["DELETED idle.of-system-3aadmin"])
            let left = try await gateway.get(TestGateway.cursors)
            #expect(left.names == ["used.of-system-3aadmin"])
        }
    }
}

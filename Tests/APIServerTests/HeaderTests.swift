import Buffers
import HTTPWire
import Storage
import Testing

@testable import APIServer

@Suite struct HeaderTests {
    @Test(arguments: [
        (#""41""#, [41]), (#"W/"41""#, [41]), (#""41", W/"42" ,"43""#, [41, 42, 43]),
        (#""9999999999999999999""#, [9_999_999_999_999_999_999]), (#""0""#, [0]),
        (#""18446744073709551615""#, [UInt64.max]), (#""18446744073709551616""#, []),
        (#""4x""#, []), (#""""#, []), ("\"", []), ("", []), ("41", []), ("*", []),
        (#""4x", "5""#, [5]), (#"'41'"#, []),
    ])
    func `entity tags of ours are found in a list`(_ field: String, _ revisions: [UInt64]) {
        #expect(EntityTag.tags(of: Bytes(field)).map(\.revision.rawValue) == revisions)
    }

    @Test func `an entity tag reads as it is written`() {
        for number in [0, 9, 10, 1_234_567_890, UInt64.max] {
            let tag = EntityTag(Revision(number))
            #expect(EntityTag.tags(of: tag.field) == [tag])
        }
    }

    @Test(arguments: [
        "localhost", "localhost:8080", "LocalHost:1", "127.0.0.1", "127.0.0.1:8080", "127.0.0.1:",
        "127.9.9.9:8080", "[::1]", "[::1]:8080",
    ])
    func `a request to the loopback address is let in`(_ host: String) throws {
        let head = try RequestHead("GET", "/", headers: [("Host", host)])
        #expect(LoopbackGuard.admits(head))
    }

    @Test(arguments: [
        "localhost.example.com", "localhostess", "127.0.0.1.example.com", "127.0.0.1:80a",
        "127.0.0.1:8080:8080", "localhost:-1", "example.com", "127.0.0.256", "127.0.0", "[::2]",
        "127.0.0.10.5", "xlocalhost", "localhost:8080.example.com",
    ])
    func `a request to another host is not`(_ host: String) throws {
        guard let head = try? RequestHead("GET", "/", headers: [("Host", host)]) else { return }
        #expect(!LoopbackGuard.admits(head))
    }
}

import Buffers
import Crypto
import Glibc
import Synchronization
import Testing

@testable import Access

@Suite struct TokenFileTests {
    private func user(_ token: String, _ text: String) throws -> User? {
        try TokenTable(parsing: Bytes(text)).user(SHA256.digest(Bytes(token)))
    }

    @Test func `a line is a token, a user, a uid and perhaps groups`() throws {
        let text =
            "t1,ann,u1\r\n\nt2,bob,,\"dev,ops\"\n\"t,3\",\"c\"\"d\",\"u\n3\",one,more\nt4,e,5"
        #expect(try user("t1", text) == User(name: "ann", uid: "u1"))
        #expect(try user("t2", text) == User(name: "bob", groups: ["dev", "ops"]))
        #expect(try user("t,3", text) == User(name: "c\"d", uid: "u\n3", groups: ["one"]))
        #expect(try user("t4", text) == User(name: "e", uid: "5"))
        #expect(try user("t5", text) == nil)
        #expect(try TokenTable(parsing: "").count == 0)
    }

    @Test(arguments: [
        ("a,b,c\nsecret,d\n", 2), ("\n\n,b,c\n", 3), ("a,,c", 1), ("a,b,c\na,d,e", 2),
        ("a,b,\"c", 1), ("a,b,c\nx,y\"z,w\n", 2), ("a,b,\"c\"d\n", 1), ("\"a\nb\",c,\n\nx", 4),
    ])
    func `what is wrong is told by its line, without the token`(text: String, line: Int) {
        let error = #expect(throws: TokenFileError.self) { try TokenTable(parsing: Bytes(text)) }
        #expect(error?.line == line)
        #expect(error?.description.contains("secret") == false)
    }

    /// A file, and what was reported about it.
    private final class Watched: Sendable {
        let path: String
        let reports = Mutex<[String]>([])

        init(_ text: String) {
            var template = Array("/tmp/binnacle-token-file-XXXXXX".utf8CString)
            close(mkstemp(&template))
            path = String(
                decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
            write(text)
        }

        deinit { unlink(path) }

        /// Puts a new file in the place of the old one, which has another inode for certain.
        func write(_ text: String) {
            let file = fopen(path + ".new", "w")
            fputs(text, file)
            fclose(file)
            rename(path + ".new", path)
        }

        func open() throws -> TokenFile {
            try TokenFile(path: path, now: WallTime(seconds: 0)) { [self] report in
                let text =
                    switch report {
                    case .reloaded(let count): "\(count)"
                    case .unusable(let error): "\(error)"
                    }
                reports.withLock { $0.append(text) }
            }
        }
    }

    private func name(_ token: Bytes, in file: TokenFile, at second: Int64) -> String? {
        let found = file.authenticate(
            Credentials(bearerToken: token), now: WallTime(seconds: second))
        guard case .user(let user, nil) = found else { return nil }
        return user.name.string
    }

    @Test func `a file that changes is read again, and a bad one leaves the tokens`() throws {
        let watched = Watched("t1,ann,1\n")
        let file = try watched.open()
        #expect(name("t1", in: file, at: 1) == "ann")
        watched.write("t2,bob,2\nt3,carl,3\n")
        #expect(name("t1", in: file, at: 1) == "ann", "once a second")
        #expect(name("t2", in: file, at: 2) == "bob")
        #expect(name("t1", in: file, at: 2) == nil)
        watched.write("t4\n")
        #expect(name("t2", in: file, at: 3) == "bob")
        unlink(watched.path)
        #expect(name("t2", in: file, at: 4) == "bob")
        watched.write("t5,dan,5\n")
        #expect(name("t5", in: file, at: 5) == "dan")
        let reports = watched.reports.withLock { $0 }
        #expect(reports.count == 4)
        #expect(reports.first == "2" && reports.last == "1")
        #expect(reports[1].hasPrefix("line 1: "))
    }

    @Test func `a file that is not there or too long is refused`() {
        let long = Watched(String(repeating: "token,user,uid\n", count: 1 << 17))
        for path in ["/nonexistent/tokens", long.path] {
            #expect(throws: TokenFileError.self) { try TokenFile(path: path) { _ in } }
        }
    }
}

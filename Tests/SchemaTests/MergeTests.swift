import APIModel
import JSON
import Schema
import Testing

@Suite struct `What strategic merge patch asks` {
    @Test func `is answered from the schema`() throws {
        let books = try #require(try Documents.shelfSchema().member("spec")?.member("books"))
        #expect(books.patchStrategies == ["merge"])
        #expect(books.patchMergeKey == "title")
        #expect(books.element?.member("language") != nil)
        #expect(books.element?.member("nothing") == nil)
        #expect(books.member("x") == nil)
        let labels = try Documents.shelfSchema().member("metadata")?.member("labels")
        #expect(labels?.member("any") != nil)
    }

    @Test func `lets a patch merge lists by their keys`() throws {
        let target: JSONValue = ["spec": ["books": [["title": "a", "pages": 1], ["title": "b"]], "tags": ["x"]]]
        let patch: JSONValue = ["spec": ["books": [["title": "a", "language": "de"]], "tags": ["y"]]]
        let patched = try StrategicMergePatch.apply(
            patch, to: target, schema: try Documents.shelfSchema())
        #expect(
            patched == [
                "spec": [
                    "books": [["title": "a", "pages": 1, "language": "de"], ["title": "b"]],
                    "tags": ["y"],
                ]
            ])
    }
}

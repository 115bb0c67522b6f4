import Buffers
import JSON
import Testing

@Suite struct `The extractor` {
    let pod: Bytes = """
        {"kind":"Pod","metadata":{"name":"web-1","labels":{"app":"web","tier":"a\\"b"},\
        "annotations":{"x":"}{]["}},\
        "spec":{"containers":[{"name":"c","args":["\\\\","\\""]}],"nodeName":"node-7"},\
        "status":{"phase":"Running"}}
        """

    @Test func `finds several paths in one pass`() {
        let paths = [
            ["metadata", "name"], ["metadata", "labels"], ["spec", "nodeName"], ["spec", "absent"],
            ["status", "phase"], ["metadata"], ["kind", "below"],
        ]
        let found = JSONExtractor(paths: paths).extract(from: pod)
        #expect(found[0]?.string == "web-1")
        let labels = found[1]?.stringMembers?.map { "\($0.key)=\($0.value)" }
        #expect(labels == ["app=web", "tier=a\"b"])
        #expect(found[2]?.string == "node-7")
        #expect(found[3] == nil)
        #expect(found[4]?.raw == "\"Running\"")
        #expect(found[5]?.value?["annotations"]?["x"] == "}{][")
        #expect(found[5]?.stringMembers == nil)
        #expect(found[6] == nil)
    }

    @Test func `gives strings that stand as they are without a copy`() {
        let paths = [["metadata", "name"], ["metadata", "labels", "tier"], ["metadata"]]
        let found = JSONExtractor(paths: paths).extract(from: pod)
        #expect(found[0]?.plainString == "web-1")
        #expect(found[0]?.plainString.flatMap { pod.offset(ofSlice: $0) } != nil)
        #expect(found[1]?.string == "a\"b" && found[1]?.plainString == nil)
        #expect(found[2]?.plainString == nil)
    }

    @Test func `finds equal paths, and names of which one begins the other`() {
        let paths = [["spec", "nodeName"], ["spec", "node"], ["spec", "nodeName"], []]
        let found = JSONExtractor(paths: paths).extract(from: pod)
        #expect(found[0]?.string == "node-7" && found[2]?.string == "node-7")
        #expect(found[1] == nil)
        #expect(found[3]?.raw == pod)
    }

    @Test func `a scanner walks objects and arrays`() {
        pod.withUnsafeBytes { bytes in
            var scanner = JSONScanner(bytes)
            var names: [String] = []
            let isInside = scanner.enterObject()
            #expect(isInside)
            while let name = scanner.nextMember() {
                names.append(String(decoding: bytes[name], as: UTF8.self))
                scanner.skipValue()
            }
            #expect(names == ["kind", "metadata", "spec", "status"])
            #expect(scanner.position == bytes.count)
        }
    }

    @Test func `a scanner counts elements with white space between them`() {
        let text: Bytes = " [ 1 , [ 2 , {} ] , \"]\" , null ] "
        text.withUnsafeBytes { bytes in
            var scanner = JSONScanner(bytes)
            var kinds: [JSONScanner.Kind] = []
            let isInside = scanner.enterArray()
            #expect(isInside)
            while scanner.nextElement() {
                kinds.append(scanner.kind())
                scanner.skipValue()
            }
            #expect(kinds == [.number, .array, .string, .null])
        }
    }
}

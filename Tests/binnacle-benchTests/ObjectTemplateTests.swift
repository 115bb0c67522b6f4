import Buffers
import JSON
import Testing

@testable import binnacle_bench

@Suite struct ObjectTemplateTests {
    @Test func `numbers fill their gaps`() {
        let template = ObjectTemplate("a-%4%-%2/100%.")
        #expect(String(template.bytes(1234)) == "a-1234-12.")
        #expect(String(template.bytes(7)) == "a-0007-00.")
        #expect(template.byteCount == 10)
    }

    @Test func `every object is JSON and as long as announced`() throws {
        let templates = [
            BenchObjects.configMap("x", dataByteCount: 100),
            BenchObjects.smallPod(extraByteCount: 1024), BenchObjects.pod(paddingByteCount: 300),
        ]
        for template in templates {
            for number in [0, 99, 9999] {
                let bytes = template.bytes(number)
                #expect(bytes.count == template.byteCount)
                #expect(try JSONValue(parsing: bytes)["metadata"]?["name"]?.string != nil)
            }
        }
    }

    @Test func `figures are grouped and rounded`() {
        #expect(figure(1_234_567) == "1,234,567")
        #expect(figure(0.995, 1) == "1.0")
        #expect(figure(12.345, 2) == "12.35" || figure(12.345, 2) == "12.34")
        #expect(figure(.infinity) == "–")
        #expect(rate(1234.5) == "1,235" && rate(3.14159) == "3.14")
    }

    @Test func `a spread is the median and the ends`() {
        let spread = Spread([3, 1, 2, 10])
        #expect(spread.median == 2.5 && spread.lowest == 1 && spread.highest == 10)
    }
}

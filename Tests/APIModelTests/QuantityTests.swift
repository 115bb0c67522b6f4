import APIModel
import JSON
import SeedTesting
import Testing

@Suite struct QuantityTests {
    @Test(arguments: [
        ("0", "0"), ("0.5", "500m"), ("1024Mi", "1Gi"), ("1000m", "1"), ("1", "1"), ("-1", "-1"),
        ("+1", "1"), ("1000", "1k"), ("1500", "1500"), ("1.5", "1500m"), ("0.1", "100m"),
        ("100u", "100u"), ("1n", "1n"), ("0.1n", "1n"), ("-0.1n", "-1n"), ("1k", "1k"),
        ("1000k", "1M"), ("1e3", "1e3"), ("1E3", "1e3"), ("1000e0", "1e3"), ("12e-1", "1200e-3"),
        ("1Ki", "1Ki"), ("1023Ki", "1023Ki"), ("512", "512"), ("0.5Ki", "512"), ("0.5Gi", "512Mi"),
        ("0.1Ki", "102400m"), ("1025Mi", "1025Mi"), ("1Ei", "1Ei"), ("8Ei", "9223372036854775807"),
        ("9999999999999E", "9223372036854775807"), ("1e99", "9223372036854775807e0"),
        ("1.", "1"), (".5", "500m"), ("00012.340", "12340m"), ("0Gi", "0"),
        ("128974848", "128974848"),
        ("1234567890123456789.123456789", "1234567890123456789123456789n"),
    ])
    func `a quantity is written in canonical form`(text: String, canonical: String) throws {
        let quantity = try Quantity(text)
        if canonical.hasSuffix("e0") {
            #expect(quantity.description == String(canonical.dropLast(2)))
        } else {
            #expect(quantity.description == canonical)
        }
        #expect(try Quantity(quantity.description) == quantity)
    }

    @Test(arguments: [
        ("", "quantities must match"), ("x", "quantities must match"),
        ("1b", "quantities must match"), ("1 ", "quantities must match"),
        ("1.2.3", "unable to parse numeric part of quantity"),
        (".", "unable to parse numeric part of quantity"),
        ("200i", "unable to parse quantity's suffix"), ("1mm", "unable to parse quantity's suffix"),
        ("1e", "unable to parse quantity's suffix"), ("1K", "unable to parse quantity's suffix"),
        ("1e99999999", "unable to parse quantity's suffix"),
    ])
    func `what is no quantity is refused`(text: String, message: String) {
        do {
            _ = try Quantity(text)
            Issue.record("accepted \(text)")
        } catch {
            #expect(error.message.hasPrefix(message))
        }
    }

    @Test func `quantities compare by amount, whatever their form`() throws {
        #expect(try Quantity("1Gi") == Quantity("1073741824"))
        #expect(try Quantity("1G") < Quantity("1Gi"))
        #expect(try Quantity("-1") < Quantity("1n"))
        #expect(try Set([Quantity("0.1"), Quantity("100m")]).count == 1)
        #expect(try Quantity("1.1").value == 2)
        #expect(try Quantity("1.1").milliValue == 1100)
        #expect(try (Quantity("1Gi") - Quantity("1Mi")).description == "1023Mi")
        #expect(try (Quantity(0) + Quantity("1Gi")).description == "1Gi")
    }

    @Test func `canonical text is a fixed point for any amount`() throws {
        var random = SeededGenerator()
        let seed = random.seed
        let suffixes = ["", "n", "u", "m", "k", "M", "G", "Ki", "Mi", "Gi", "e2", "e-2", "Ti", "i"]
        for _ in 0..<5_000 {
            let text =
                random.text(of: Array("0123456789.-"), countMax: 20)
                + suffixes.randomElement(using: &random)!
            guard let quantity = try? Quantity(text) else { continue }
            let canonical = quantity.description
            let again = try Quantity(canonical)
            #expect(again == quantity, "seed \(seed): \(text)")
            #expect(again.description == canonical, "seed \(seed): \(text)")
        }
    }
}

@Suite struct HumanDurationTests {
    @Test(
        arguments: [
            (0, "0s"), (-1, "0s"), (-2, "<invalid>"), (5, "5s"), (119, "119s"), (120, "2m"),
            (200, "3m20s"), (600, "10m"), (10_799, "179m"), (10_800, "3h"), (11_000, "3h3m"),
            (28_800, "8h"), (172_799, "47h"), (172_800, "2d"), (190_800, "2d5h"), (691_200, "8d"),
            (63_071_999, "729d"), (63_072_000, "2y"), (63_158_400, "2y1d"), (252_288_000, "8y"),
        ] as [(Int64, String)])
    func `ages read as kubectl shows them`(seconds: Int64, text: String) {
        #expect(HumanDuration.format(seconds) == text)
    }
}

@Suite struct IntOrStringTests {
    @Test func `numbers and text are told apart`() {
        #expect(IntOrString(80)?.description == "80")
        #expect(IntOrString("http") == .string("http"))
        #expect(IntOrString(1.5) == nil)
        #expect(IntOrString(4_294_967_296) == nil)
        #expect(IntOrString(true) == nil)
    }

    @Test func `a percentage is a share of the total`() {
        #expect(IntOrString.string("25%").scaled(of: 10, roundsUp: true) == 3)
        #expect(IntOrString.string("25%").scaled(of: 10, roundsUp: false) == 2)
        #expect(IntOrString.int(4).scaled(of: 10, roundsUp: false) == 4)
        #expect(IntOrString.string("many").scaled(of: 10, roundsUp: false) == nil)
    }

    @Test func `ports and amounts are checked`() {
        let path = FieldPath("port")
        #expect(IntOrString.int(80).portErrors(path).isEmpty)
        #expect(
            IntOrString.int(0).portErrors(path).map(\.description) == [
                "port: Invalid value: 0: must be between 1 and 65535, inclusive"
            ])
        #expect(!IntOrString.string("Web").portErrors(path).isEmpty)
        #expect(!IntOrString.int(-1).amountErrors(path).isEmpty)
        #expect(!IntOrString.string("5").amountErrors(path).isEmpty)
        #expect(IntOrString.string("5%").amountErrors(path).isEmpty)
    }
}

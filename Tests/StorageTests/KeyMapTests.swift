import Buffers
import SeedTesting
import Storage
import StorageTesting
import Testing

struct KeyMapTests {
    @Test func `keys that are appended in order are found, and others are refused`() {
        var map = KeyMap<Int>()
        for number in 1_000..<2_000 {
            let isTaken = map.append(number, for: Key("k\(number)"))
            #expect(isTaken)
        }
        for key: Key in ["k1999", "k1500", "k"] {
            let isTaken = map.append(0, for: key)
            #expect(!isTaken, "\(key)")
        }
        #expect(map.count == 1_000)
        for number in 1_000..<2_000 { #expect(map[Key("k\(number)")] == number) }
        map["k1500x"] = 7
        map["k1000"] = nil
        var values: [Int] = []
        map.walk(.all) { _, value in
            values.append(value)
            return true
        }
        #expect(values == Array(1_001...1_500) + [7] + Array(1_501..<2_000))
    }

    @Test func `a range tells bytes as it tells keys`() {
        var random = SeededGenerator()
        func key() -> Key {
            Key(Bytes((0..<random.next() % 4).map { _ in UInt8(random.next() % 3 * 127) }))
        }
        for _ in 0..<2_000 {
            let ends = [key(), key()].sorted()
            let range = KeyRange(lower: ends[0], upper: random.next() % 3 == 0 ? nil : ends[1])
            let other = key()
            #expect(
                other.bytes.withUnsafeBytes(range.contains) == range.contains(other),
                "\(other) in \(range), seed \(random.seed)")
        }
    }

    @Test func `a map agrees with a sorted dictionary whatever is done`() {
        var random = SeededGenerator()
        var map = KeyMap<Int>()
        var model: [Key: Int] = [:]
        for step in 0..<20_000 {
            let name = Key("k\(Int.random(in: 0..<3_000, using: &random))")
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1:
                map[name] = nil
                model[name] = nil
            case 2:
                map.modify(name, initial: 0) { $0 += 1 }
                model[name, default: 0] += 1
            default:
                map[name] = step
                model[name] = step
            }
            #expect(map[name] == model[name], "seed \(random.seed)")
        }
        #expect(map.count == model.count, "seed \(random.seed)")
        for _ in 0..<200 {
            let ends = (0..<3).map { _ in Key("k\(Int.random(in: 0..<3_000, using: &random))") }
            let range = KeyRange(lower: min(ends[0], ends[1]), upper: max(ends[0], ends[1]))
            let after = Bool.random(using: &random) ? ends[2] : nil
            var found: [Key] = []
            map.walk(range, after: after) { key, value in
                #expect(model[key] == value)
                found.append(key)
                return true
            }
            let expected = model.keys.filter { key in
                range.contains(key) && after.map { key > $0 } ?? true
            }
            #expect(found == expected.sorted(), "seed \(random.seed)")
        }
    }

    @Test func `a copy keeps what the original changes`() {
        var map = KeyMap<Int>()
        for number in 0..<1_000 { map[Key("k\(number)")] = number }
        let copy = map
        for number in 0..<1_000 { map[Key("k\(number)")] = number.isMultiple(of: 2) ? nil : -1 }
        #expect(copy.count == 1_000)
        #expect(map.count == 500)
        let changed = (0..<1_000).filter { (number: Int) in copy[Key("k\(number)")] != number }
        #expect(changed == [])
    }

    @Test func `a walk ends when it is told to`() {
        var map = KeyMap<Int>()
        for number in 0..<1_000 { map[Key("k\(number)")] = number }
        var seen = 0
        map.walk(.all) { _, _ in
            seen += 1
            return seen < 300
        }
        #expect(seen == 300)
    }

    @Test func `the range of a prefix holds what starts with it`() {
        #expect(KeyRange.prefix("a/") == KeyRange(lower: "a/", upper: "a0"))
        let high = Key(Bytes([97, 0xff, 0xff]))
        #expect(KeyRange.prefix(high) == KeyRange(lower: high, upper: "b"))
        let highest = Key(Bytes([0xff]))
        #expect(KeyRange.prefix(highest) == KeyRange(lower: highest, upper: nil))
        #expect(KeyRange.prefix(highest).contains(Key(Bytes([0xff, 0xff]))))
        #expect(!KeyRange.prefix("a/").contains("a"))
    }
}

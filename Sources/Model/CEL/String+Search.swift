// Looking for text in text, by Unicode scalars.

extension String {
    /// Where `wanted` first stands at or behind `start`, in scalars.
    func scalarOffset(of wanted: String, from start: Int = 0) -> Int? {
        let (own, other) = (Array(unicodeScalars), Array(wanted.unicodeScalars))
        guard own.count >= other.count + start else { return nil }
        return (start...(own.count - other.count)).first { own[$0...].starts(with: other) }
    }

    /// Where `wanted` last stands, not behind `end`.
    func lastScalarOffset(of wanted: String, atMost end: Int?) -> Int? {
        let (own, other) = (Array(unicodeScalars), Array(wanted.unicodeScalars))
        guard own.count >= other.count else { return nil }
        let last = min(own.count - other.count, end ?? .max)
        guard last >= 0 else { return nil }
        return (0...last).last { own[$0...].starts(with: other) }
    }

    /// The parts between `separator`; of an empty one, the scalars. With `most` parts the last one
    /// is the rest; negative is any number.
    func split(by separator: String, most: Int) -> [Value] {
        guard most != 0 else { return [] }
        let (own, between) = (Array(unicodeScalars), Array(separator.unicodeScalars))
        var parts: [Value] = []
        var part = ""
        var position = 0
        while position < own.count {
            let mayEnd = most < 0 || parts.count + 1 < most
            if between.isEmpty, mayEnd, !part.isEmpty {
                parts.append(.string(part))
                part = ""
            } else if mayEnd, !between.isEmpty, own[position...].starts(with: between) {
                parts.append(.string(part))
                part = ""
                position += between.count
                continue
            }
            part.unicodeScalars.append(own[position])
            position += 1
        }
        if between.isEmpty, own.isEmpty { return [] }
        return parts + [.string(part)]
    }

    func replacing(_ wanted: String, by other: String, most: Int) -> String {
        let (own, old) = (Array(unicodeScalars), Array(wanted.unicodeScalars))
        var result = ""
        var (position, count) = (0, 0)
        while position <= own.count {
            if most < 0 || count < most, own[position...].starts(with: old) {
                result += other
                count += 1
                if !old.isEmpty {
                    position += old.count
                    continue
                }
            }
            if position < own.count { result.unicodeScalars.append(own[position]) }
            position += 1
        }
        return result
    }

    func mappingASCII(_ change: (Unicode.Scalar) -> Unicode.Scalar) -> String {
        var result = ""
        result.unicodeScalars.append(contentsOf: unicodeScalars.map(change))
        return result
    }

    var trimmingSpace: String {
        let scalars = Array(unicodeScalars)
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        var result = ""
        result.unicodeScalars.append(contentsOf: scalars[first...last])
        return result
    }
}

extension Unicode.Scalar {
    var lowercasedASCII: Unicode.Scalar {
        ("A"..."Z").contains(self) ? Unicode.Scalar(UInt8(value + 32)) : self
    }

    var uppercasedASCII: Unicode.Scalar {
        ("a"..."z").contains(self) ? Unicode.Scalar(UInt8(value - 32)) : self
    }
}

/// A set of Unicode scalars: ranges, general categories, and perhaps all but these.
struct ScalarSet: Sendable, Hashable {
    private var ranges: [ClosedRange<UInt32>] = []
    private var categories: [CategorySet] = []
    private var isInverted = false
    /// The answers for ASCII.
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    /// A general category or all whose abbreviation begins with a letter, or all others.
    struct CategorySet: Sendable, Hashable {
        let name: String
        let isInverted: Bool

        func contains(_ scalar: Unicode.Scalar) -> Bool {
            let category = scalar.properties.generalCategory.abbreviation
            return (category == name || name.count == 1 && category.hasPrefix(name)) != isInverted
        }
    }

    init(_ ranges: [ClosedRange<UInt32>] = []) {
        self.ranges = ranges
        index()
    }

    init(_ scalar: Unicode.Scalar) { self.init([scalar.value...scalar.value]) }

    static let all = ScalarSet([0...0x10FFFF])
    static let allButLineFeed = ScalarSet([0...9, 11...0x10FFFF])
    static let digits = ScalarSet([0x30...0x39])
    static let spaces = ScalarSet([0x09...0x0A, 0x0C...0x0D, 0x20...0x20])
    static let word = ScalarSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])

    var inverted: ScalarSet {
        var set = self
        set.isInverted.toggle()
        set.index()
        return set
    }

    /// - Precondition: neither set is inverted.
    mutating func add(_ other: ScalarSet) {
        precondition(!isInverted && !other.isInverted, "an inverted set is not put together")
        ranges += other.ranges
        categories += other.categories
        index()
    }

    mutating func add(_ range: ClosedRange<UInt32>) {
        ranges.append(range)
        index()
    }

    mutating func add(_ category: CategorySet) {
        categories.append(category)
        index()
    }

    /// The set with both cases of its letters. Of large ranges only the letters of ASCII are looked
    /// at.
    var foldingCase: ScalarSet {
        var set = self
        for range in ranges {
            for value in range where range.count <= Self.foldedCountMax || value < 0x80 {
                if value >= 0x80 && range.count > Self.foldedCountMax { break }
                guard let scalar = Unicode.Scalar(value) else { continue }
                for other in Self.otherCases(of: scalar) { set.ranges.append(other...other) }
            }
        }
        set.index()
        return set
    }

    private static var foldedCountMax: Int { 512 }

    private static func otherCases(of scalar: Unicode.Scalar) -> [UInt32] {
        [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping].compactMap {
            $0.unicodeScalars.count == 1 ? $0.unicodeScalars.first?.value : nil
        }.filter { $0 != scalar.value }
    }

    /// As `\D` does inside a class: everything that is not in the set, as ranges.
    /// - Precondition: the set has no categories.
    var complement: ScalarSet {
        precondition(categories.isEmpty && !isInverted, "only of ranges")
        var next: UInt32 = 0
        var gaps: [ClosedRange<UInt32>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > next { gaps.append(next...(range.lowerBound - 1)) }
            next = max(next, range.upperBound + 1)
        }
        if next <= 0x10FFFF { gaps.append(next...0x10FFFF) }
        return ScalarSet(gaps)
    }

    func contains(_ value: UInt32) -> Bool {
        if value < 64 { return low >> UInt64(value) & 1 == 1 }
        if value < 128 { return high >> UInt64(value - 64) & 1 == 1 }
        return isListed(value) != isInverted
    }

    private func isListed(_ value: UInt32) -> Bool {
        if ranges.contains(where: { $0.contains(value) }) { return true }
        guard !categories.isEmpty, let scalar = Unicode.Scalar(value) else { return false }
        return categories.contains { $0.contains(scalar) }
    }

    private mutating func index() {
        (low, high) = (0, 0)
        for value in UInt32(0)..<128 where isListed(value) != isInverted {
            if value < 64 {
                low |= 1 << UInt64(value)
            } else {
                high |= 1 << UInt64(value - 64)
            }
        }
    }
}

extension Unicode.GeneralCategory {
    /// The two letters by which expressions name the category (Unicode Standard Annex 44).
    var abbreviation: String {
        switch self {
        case .uppercaseLetter: "Lu"
        case .lowercaseLetter: "Ll"
        case .titlecaseLetter: "Lt"
        case .modifierLetter: "Lm"
        case .otherLetter: "Lo"
        case .nonspacingMark: "Mn"
        case .spacingMark: "Mc"
        case .enclosingMark: "Me"
        case .decimalNumber: "Nd"
        case .letterNumber: "Nl"
        case .otherNumber: "No"
        case .connectorPunctuation: "Pc"
        case .dashPunctuation: "Pd"
        case .openPunctuation: "Ps"
        case .closePunctuation: "Pe"
        case .initialPunctuation: "Pi"
        case .finalPunctuation: "Pf"
        case .otherPunctuation: "Po"
        case .mathSymbol: "Sm"
        case .currencySymbol: "Sc"
        case .modifierSymbol: "Sk"
        case .otherSymbol: "So"
        case .spaceSeparator: "Zs"
        case .lineSeparator: "Zl"
        case .paragraphSeparator: "Zp"
        case .control: "Cc"
        case .format: "Cf"
        case .surrogate: "Cs"
        case .privateUse: "Co"
        case .unassigned: "Cn"
        @unknown default: "Cn"
        }
    }

    static let abbreviations: Set<String> = [
        "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc",
        "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp",
        "C", "Cc", "Cf", "Cs", "Co", "Cn",
    ]
}

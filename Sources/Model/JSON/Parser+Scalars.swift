extension Parser {
    // MARK: Numbers

    /// Reads a number; the position is at a minus sign or a digit.
    mutating func parseNumber() throws(Fault) -> JSONNumber {
        let start = position
        let isNegative = position < end && base[position] == UInt8(ascii: "-")
        if isNegative { position &+= 1 }
        let digits = position
        var magnitude: UInt64 = 0
        while position < end, case let digit = base[position] &- 0x30, digit < 10 {
            magnitude = magnitude &* 10 &+ UInt64(digit)
            position &+= 1
        }
        let count = position &- digits
        if count == 0 { throw unexpected(.digit) }
        if count > 1 && base[digits] == 0x30 {
            position = digits &+ 1
            throw unexpected(.digit)
        }
        if position < end, case let byte = base[position],
            byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e")
        {
            try skipFraction()
            return text(from: start)
        }
        // Eighteen digits cannot overflow; longer ones are read with checks.
        guard count <= 18, magnitude != 0 || !isNegative else { return longInteger(from: start) }
        let int = Int64(bitPattern: magnitude)
        return JSONNumber(isNegative ? 0 &- int : int)
    }

    private mutating func skipFraction() throws(Fault) {
        if base[position] == UInt8(ascii: ".") {
            position &+= 1
            try skipDigits()
        }
        guard position < end, base[position] | 0x20 == UInt8(ascii: "e") else { return }
        position &+= 1
        if position < end,
            base[position] == UInt8(ascii: "+") || base[position] == UInt8(ascii: "-")
        {
            position &+= 1
        }
        try skipDigits()
    }

    private mutating func skipDigits() throws(Fault) {
        let start = position
        while position < end, base[position] &- 0x30 < 10 { position &+= 1 }
        if position == start { throw unexpected(.digit) }
    }

    private func longInteger(from start: Int) -> JSONNumber {
        let number = text(from: start)
        guard let int = Int64(number.lexeme), String(int) == number.lexeme else { return number }
        return JSONNumber(int)
    }

    private func text(from start: Int) -> JSONNumber {
        let bytes = UnsafeBufferPointer(start: base + start, count: position &- start)
        return JSONNumber(storage: .text(String(decoding: bytes, as: UTF8.self)))
    }

    // MARK: Strings

    /// Reads a string whose opening quotation mark has been read, with the closing one.
    /// Afterwards `scratch` is empty unless the string held escapes.
    @inline(__always)
    mutating func parseString() throws(Fault) -> String {
        let start = position
        var isASCII = true
        let stop = StringScan.firstSpecial(base, from: start, to: end, isASCII: &isASCII)
        position = stop
        if !scratch.isEmpty { scratch.removeAll(keepingCapacity: true) }
        guard stop < end, base[stop] == UInt8(ascii: "\"") else {
            return try parseEscapedString(from: start)
        }
        position = stop &+ 1
        let bytes = UnsafeBufferPointer(start: base + start, count: stop &- start)
        if isASCII { return String(decoding: bytes, as: UTF8.self) }
        return try validString(bytes, from: start)
    }

    private func validString(
        _ bytes: UnsafeBufferPointer<UInt8>, from start: Int
    ) throws(Fault) -> String {
        if let string = String(validating: bytes, as: UTF8.self) { return string }
        throw Fault(kind: .invalidUTF8, offset: start + bytes.validPrefixCount, expected: .string)
    }

    /// Reads the rest of a string that is not plain, from its start again into `scratch`.
    @inline(never)
    private mutating func parseEscapedString(from start: Int) throws(Fault) -> String {
        position = start
        var isASCII = true
        while true {
            let stop = StringScan.firstSpecial(base, from: position, to: end, isASCII: &isASCII)
            let run = UnsafeBufferPointer(start: base + position, count: stop &- position)
            if !isASCII { _ = try validString(run, from: position) }
            scratch.append(contentsOf: run)
            position = stop
            guard stop < end else { throw unexpected(.string) }
            switch base[stop] {
            case UInt8(ascii: "\""):
                position &+= 1
                return String(decoding: scratch, as: UTF8.self)
            case UInt8(ascii: "\\"):
                position &+= 1
                try parseEscape()
            default: throw unexpected(.string)
            }
        }
    }

    private mutating func parseEscape() throws(Fault) {
        guard position < end else { throw unexpected(.escape) }
        let byte = base[position]
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): scratch.append(byte)
        case UInt8(ascii: "b"): scratch.append(0x08)
        case UInt8(ascii: "f"): scratch.append(0x0C)
        case UInt8(ascii: "n"): scratch.append(0x0A)
        case UInt8(ascii: "r"): scratch.append(0x0D)
        case UInt8(ascii: "t"): scratch.append(0x09)
        case UInt8(ascii: "u"):
            position &+= 1
            return try parseUnicodeEscape()
        default: throw unexpected(.escape)
        }
        position &+= 1
    }

    /// Reads the digits of a `\u` escape, and a second escape when the first is half of a pair.
    private mutating func parseUnicodeEscape() throws(Fault) {
        let escape = position &- 2
        var code = try parseHexadecimal()
        if code & 0xFC00 == 0xD800 {
            guard position &+ 1 < end, base[position] == UInt8(ascii: "\\"),
                base[position &+ 1] == UInt8(ascii: "u")
            else { throw loneSurrogate(at: escape) }
            position &+= 2
            let low = try parseHexadecimal()
            guard low & 0xFC00 == 0xDC00 else { throw loneSurrogate(at: escape) }
            code = 0x10000 + (code & 0x3FF) << 10 + (low & 0x3FF)
        }
        guard let scalar = Unicode.Scalar(code) else { throw loneSurrogate(at: escape) }
        scratch.append(contentsOf: UTF8.encode(scalar).unsafelyUnwrapped)
    }

    private func loneSurrogate(at offset: Int) -> Fault {
        Fault(kind: .loneSurrogate, offset: offset, expected: .string)
    }

    private mutating func parseHexadecimal() throws(Fault) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard position < end else { throw unexpected(.hexadecimal) }
            let byte = base[position]
            switch byte {
            case 0x30...0x39: code = code << 4 | UInt32(byte & 15)
            case 0x41...0x46, 0x61...0x66: code = code << 4 | (UInt32(byte | 0x20) - 0x57)
            default: throw unexpected(.hexadecimal)
            }
            position &+= 1
        }
        return code
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// The bytes before the first that does not belong to valid UTF-8.
    fileprivate var validPrefixCount: Int {
        var decoder = Unicode.UTF8.ForwardParser()
        var iterator = makeIterator()
        var count = 0
        while case .valid(let encoded) = decoder.parseScalar(from: &iterator) {
            count += encoded.count
        }
        return count
    }
}

// The head of a request, once all of it is there.

import Buffers

/// Reads a complete head.
enum HeadParser {
    /// - Parameter lineCount: lines in `bytes`, the request line and the empty one included.
    /// - Throws: `RequestError` for what RFC 9110 and RFC 9112 do not allow.
    static func parse(_ bytes: Bytes, lineCount: Int) throws(RequestError) -> RequestHead {
        try bytes.withUnsafeBytes { head throws(RequestError) in
            guard let lineEnd = head.position(of: Octet.lineFeed, from: 0) else {
                throw .malformed("the request line has no end")
            }
            let line = try requestLine(head.slice(0..<lineEnd - 1))
            let places = try fields(head, from: lineEnd + 1, count: lineCount - 2)
            return RequestHead(
                method: Method(head.slice(0..<line.methodEnd)), line: line,
                headers: HeaderFields(bytes: bytes, places: places),
                framing: try MessageFraming(places, in: head, line.version))
        }
    }

    /// RFC 9112, 3: method SP target SP version.
    private static func requestLine(
        _ line: UnsafeRawBufferPointer
    ) throws(RequestError) -> RequestLine {
        guard let first = line.position(of: Octet.space, from: 0),
            let second = line.position(of: Octet.space, from: first + 1)
        else { throw .malformed("the request line has not three parts") }
        guard line.slice(0..<first).isToken else { throw .malformed("the method is no token") }
        let version = try version(line.slice(second + 1..<line.count))
        let target = first + 1..<second
        return try TargetParser.parse(line, target: target, methodEnd: first, version)
    }

    private static func version(
        _ text: UnsafeRawBufferPointer
    ) throws(RequestError) -> Version {
        if text.equals("HTTP/1.1") { return .http11 }
        if text.equals("HTTP/1.0") { return .http10 }
        // RFC 9112, 2.3: HTTP/DIGIT.DIGIT, in upper case.
        let isVersion =
            text.count == 8 && text.slice(0..<5).equals("HTTP/") && text[6] == 46
            && text[5] &- 48 < 10 && text[7] &- 48 < 10
        guard isVersion else { throw .malformed("the version is malformed") }
        // RFC 9110, 15.6.6.
        throw RequestError(.versionNotSupported, "only HTTP/1.0 and HTTP/1.1 are served")
    }

    static func fields(
        _ head: UnsafeRawBufferPointer, from start: Int, count: Int
    ) throws(RequestError) -> [HeaderFields.Place] {
        var places: [HeaderFields.Place] = []
        places.reserveCapacity(count)
        var position = start
        for _ in 0..<count {
            guard let lineFeed = head.position(of: Octet.lineFeed, from: position) else {
                preconditionFailure("\(count) lines were counted")
            }
            places.append(try field(head, position..<lineFeed - 1))
            position = lineFeed + 1
        }
        return places
    }

    /// One field line, without its end.
    static func field(
        _ head: UnsafeRawBufferPointer, _ line: Range<Int>
    ) throws(RequestError) -> HeaderFields.Place {
        // RFC 9112, 5.2: a server refuses a line folded into the next one. RFC 9112, 2.2: it also
        // refuses white space between the request line and the first field.
        if head[line.lowerBound] == Octet.space || head[line.lowerBound] == Octet.tab {
            throw .malformed("a header line starts with white space")
        }
        guard let colon = head.position(of: Octet.colon, from: line.lowerBound),
            colon < line.upperBound
        else { throw .malformed("a header line has no colon") }
        // RFC 9112, 5.1: no white space before the colon; it is no token byte either.
        guard head.slice(line.lowerBound..<colon).isToken else {
            throw .malformed("a header name is no token")
        }
        let value = head.trimmed(colon + 1..<line.upperBound)
        // RFC 9110, 5.5: CR, LF and NUL in a value are dangerous, other controls are invalid.
        guard head.slice(value).isFieldContent else {
            throw .malformed("a header value holds a control character")
        }
        return HeaderFields.Place(
            name: UInt16(line.lowerBound), nameCount: UInt16(colon - line.lowerBound),
            value: UInt16(value.lowerBound), valueCount: UInt16(value.count))
    }
}

/// Reads a request target (RFC 9112, 3.2).
private enum TargetParser {
    static func parse(
        _ line: UnsafeRawBufferPointer, target: Range<Int>, methodEnd: Int, _ version: Version
    ) throws(RequestError) -> RequestLine {
        for byte in line.slice(target) where byte <= 32 || byte == 127 || byte == 35 {
            // RFC 3986, 3.5: a fragment stays with the client.
            throw .malformed("the target holds a control character, a space or a fragment")
        }
        guard !target.isEmpty else { throw .malformed("the target is empty") }
        var result = RequestLine(
            methodEnd: methodEnd, target: target, path: target,
            query: target.upperBound..<target.upperBound, authority: nil, version: version)
        if line[target.lowerBound] != Octet.slash {
            let isAsterisk = line.slice(target).equals("*")
            if isAsterisk, line.slice(0..<methodEnd).equals("OPTIONS") { return result }
            try readAuthority(line, &result)
        }
        if let question = line.position(of: Octet.question, from: result.path.lowerBound),
            question < target.upperBound
        {
            result.query = question + 1..<target.upperBound
            result.path = result.path.lowerBound..<question
        }
        return result
    }

    /// RFC 9112, 3.2.2: a server accepts the absolute form.
    private static func readAuthority(
        _ line: UnsafeRawBufferPointer, _ result: inout RequestLine
    ) throws(RequestError) {
        let text = line.slice(result.target)
        let schemeCount: Int
        if text.count > 7, text.slice(0..<7).equalsIgnoringCase("http://") {
            schemeCount = 7
        } else if text.count > 8, text.slice(0..<8).equalsIgnoringCase("https://") {
            schemeCount = 8
        } else {
            throw .malformed("the target is neither a path nor an absolute address")
        }
        let start = result.target.lowerBound + schemeCount
        var end = start
        let limit = result.target.upperBound
        while end < limit, line[end] != Octet.slash, line[end] != Octet.question { end += 1 }
        guard HostField.isValid(line.slice(start..<end)), end > start else {
            throw .malformed("the target's host is malformed")
        }
        result.authority = start..<end
        result.path = end..<limit
    }
}

/// Checks a Host field.
enum HostField {
    /// Whether it can be a host and a port (RFC 9110, 7.2): no user information, no path.
    static func isValid(_ value: UnsafeRawBufferPointer) -> Bool {
        for byte in value {
            switch byte {
            case 48...57, 65...90, 97...122: continue
            // - . _ ~ ! $ & ' ( ) * + ; = : [ ] %
            case 45, 46, 95, 126, 33, 36, 38...43, 59, 61, 58, 91, 93, 37: continue
            default: return false
            }
        }
        return true
    }
}

// What a metric is to the exposition: a type name and samples.

import Buffers

/// A measured number, or a few that belong together. Observing one never waits and never allocates.
public protocol Metric: Sendable {
    /// The word of the text format's TYPE line.
    static var typeName: StaticString { get }
    /// Appends one line per sample.
    func writeSamples(of series: Series, into buffer: inout ByteBuffer)
}

/// A metric's name and label values, ready to be written.
public struct Series: Sendable {
    let name: Bytes
    /// `code="200",verb="GET"`, escaped; empty without labels.
    let labels: Bytes

    init(name: String, labels: [String] = [], values: [String] = []) {
        precondition(labels.count == values.count, "\(values) for \(labels)")
        self.name = Bytes(name)
        var text = ByteBuffer()
        for (label, value) in zip(labels, values) {
            if !text.isEmpty { text.append(UInt8(ascii: ",")) }
            text.append(utf8: label)
            text.append(literal: "=\"")
            text.append(escaping: value, quotes: true)
            text.append(UInt8(ascii: "\""))
        }
        self.labels = text.freeze()
    }

    /// Appends `name_suffix{labels,extra} `, up to the value.
    func write(
        suffix: StaticString = "", extra: Bytes = .empty, into buffer: inout ByteBuffer
    ) {
        buffer.append(name)
        buffer.append(literal: suffix)
        if !labels.isEmpty || !extra.isEmpty {
            buffer.append(UInt8(ascii: "{"))
            buffer.append(labels)
            if !labels.isEmpty && !extra.isEmpty { buffer.append(UInt8(ascii: ",")) }
            buffer.append(extra)
            buffer.append(UInt8(ascii: "}"))
        }
        buffer.append(UInt8(ascii: " "))
    }
}

extension ByteBuffer {
    /// Appends text as HELP lines and label values want it: backslash and line feed are escaped in
    /// both, the double quote in label values only.
    mutating func append(escaping text: String, quotes: Bool) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): append(literal: "\\\\")
            case UInt8(ascii: "\n"): append(literal: "\\n")
            case UInt8(ascii: "\"") where quotes: append(literal: "\\\"")
            default: append(byte)
            }
        }
    }

    /// Appends a floating-point sample or bound; whole numbers without a fraction.
    mutating func append(number: Double) {
        if number.isNaN {
            append(literal: "NaN")
        } else if number.isInfinite {
            append(literal: number < 0 ? "-Inf" : "+Inf")
        } else if let whole = Int64(exactly: number) {
            append(decimal: whole)
        } else {
            append(utf8: number.description)
        }
    }
}

// Numbers as people read them.

/// `value` with so many digits behind the point, and commas between thousands.
func figure(_ value: Double, _ digitCount: Int = 0) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "–" }
    var scale = 1.0
    for _ in 0..<digitCount { scale *= 10 }
    let scaled = Int((abs(value) * scale).rounded())
    let whole = grouped(scaled / Int(scale))
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard digitCount > 0 else { return sign + whole }
    return "\(sign)\(whole).\(padded(scaled % Int(scale), digitCount))"
}

/// A rate: more digits the slower it is.
func rate(_ value: Double) -> String {
    figure(value, value < 10 ? 2 : value < 1000 ? 1 : 0)
}

/// A whole number with commas between thousands.
func grouped(_ number: Int) -> String {
    let digits = String(number)
    var text = ""
    for (index, digit) in digits.enumerated() {
        if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
        text.append(digit)
    }
    return text
}

func milliseconds(_ nanoseconds: Int64) -> String { figure(Double(nanoseconds) / 1e6, 2) }

/// Millions of bytes.
func megabytes(_ byteCount: Int) -> String { figure(Double(byteCount) / 1e6, 1) }

extension String {
    func leading(_ width: Int) -> String {
        self + String(repeating: " ", count: max(width - count, 0))
    }

    func trailing(_ width: Int) -> String {
        String(repeating: " ", count: max(width - count, 0)) + self
    }
}

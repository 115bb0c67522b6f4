/// How many lines of one kind may go into the log in a second: a flood of broken requests must not
/// become a flood of lines.
public struct LineQuota: Sendable {
    private let lineCountMax: Int
    private var second: Int64 = 0
    private var lineCount = 0
    private var unsaidCount = 0

    /// - Parameter lineCountMax: for each second.
    public init(_ lineCountMax: Int) { self.lineCountMax = lineCountMax }

    /// Asks for one more line.
    /// - Parameter second: the present one, of any clock.
    /// - Returns: how many were kept quiet before this one; `nil` when this one must be, too.
    public mutating func take(at second: Int64) -> Int? {
        if self.second != second {
            self.second = second
            lineCount = 0
        }
        lineCount += 1
        guard lineCount <= lineCountMax else {
            unsaidCount += 1
            return nil
        }
        defer { unsaidCount = 0 }
        return unsaidCount
    }
}

/// A part of an expression, as the parser sees it.
indirect enum PatternNode: Hashable {
    case empty
    case scalar(ScalarSet)
    case sequence([PatternNode])
    /// The first that leads to a match counts.
    case alternatives([PatternNode])
    case repetition(PatternNode, Repetition)
    case assertion(Assertion)

    struct Repetition: Hashable {
        var least: Int
        /// `nil` for any number of times.
        var most: Int?
        var isGreedy: Bool
    }
}

/// What may be demanded of a place between two scalars.
enum Assertion: Hashable, Sendable {
    case textStart, textEnd, lineStart, lineEnd, wordBoundary, noWordBoundary
}

// What becomes of a call whose attempt failed.

/// The attempts of one call. Performs no I/O.
struct AttemptPlan {
    /// How far an attempt had come.
    struct Attempt {
        var endpoint: Int
        /// Whether the connection had served a request before: the server may have been closing it.
        var wasReused: Bool
        var hasSentBytes: Bool
        /// Whether more of its time than the attempt's own is used up.
        var isOutOfTime = false
    }

    enum Next: Equatable {
        /// The same endpoint, on a new connection.
        case sameEndpoint
        case otherEndpoint
        case giveUp(CallFailure.Execution)
    }

    private let isRepeatable: Bool
    private var attemptsLeft: Int
    private(set) var tried: Set<Int> = []
    /// Whether the next attempt must have a new connection.
    private(set) var needsNewConnection = false
    /// Whether any attempt may have been executed.
    private var mayHaveBeenExecuted = false

    init(isRepeatable: Bool, attemptCountMax: Int) {
        self.isRepeatable = isRepeatable
        attemptsLeft = attemptCountMax
    }

    mutating func failed(_ attempt: Attempt) -> Next {
        attemptsLeft -= 1
        mayHaveBeenExecuted = mayHaveBeenExecuted || attempt.hasSentBytes
        let mayRepeat = isRepeatable || !attempt.hasSentBytes
        guard mayRepeat, attemptsLeft > 0, !attempt.isOutOfTime else { return .giveUp(execution) }
        if attempt.wasReused {
            needsNewConnection = true
            return .sameEndpoint
        }
        needsNewConnection = false
        tried.insert(attempt.endpoint)
        return .otherEndpoint
    }

    /// What a call that ends now can have done.
    var execution: CallFailure.Execution { mayHaveBeenExecuted ? .uncertain : .notSent }
}

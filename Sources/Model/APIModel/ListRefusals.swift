// Refusals that speak of a place in the history: too old, or not there yet.

extension APIStatus {
    /// 504: a list or watch from a revision that this server has not reached. Clients recognise the
    /// cause and ask again.
    public static func resourceVersionTooLarge(
        requested: UInt64, current: UInt64, retryAfterSeconds: Int = 1
    ) -> APIStatus {
        var status = timeout(
            "Too large resource version: \(requested), current: \(current)",
            retryAfterSeconds: retryAfterSeconds)
        status.details?.causes = [
            Cause(reason: "ResourceVersionTooLarge", message: "Too large resource version")
        ]
        return status
    }

    /// 400: a position is kept by name where nothing would go on from it.
    public static let cursorNeedsPoll = badRequest(
        "cursor: a position is kept for polls alone: pass poll=true, and not watch")

    /// 410: what was asked for has gone for good.
    public static func gone(_ message: String) -> APIStatus {
        APIStatus(code: 410, reason: .gone, message: message)
    }

    /// 410 `Expired`: the client must list again.
    public static func expired(_ message: String) -> APIStatus {
        APIStatus(code: 410, reason: .expired, message: message)
    }

    /// 410 for a watch from before the window, which reaches from `oldest` to `newest`. The message
    /// begins as Kubernetes' does: `too old resource version: 1 (36669)`.
    public static func watchExpired(
        requested: UInt64, oldest: UInt64, newest: UInt64
    ) -> APIStatus {
        expired(
            "too old resource version: \(requested) (\(oldest)); "
                + "the events after \(oldest), up to \(newest), are here")
    }

    /// 410 for a list at an exact revision that is no longer kept.
    public static let listExpired = expired(
        "The resourceVersion for the provided list is too old.")

    /// 410 for a continue token whose snapshot is gone, when the list cannot go on in any way.
    public static let continueExpired = expired(
        "The provided continue parameter is too old to display a consistent list result. "
            + "You can start a new list without the continue parameter.")

    /// 410 for a continue token whose snapshot is gone, with a token that goes on at the present
    /// state.
    public static func continueExpired(goOnWith token: ContinueToken) -> APIStatus {
        var status = expired(
            "The provided continue parameter is too old to display a consistent list result. "
                + "You can start a new list without the continue parameter, or use the continue "
                + "token in this response to retrieve the remainder of the results. "
                + "Continuing with "
                + "the provided token results in an inconsistent list - objects that were created, "
                + "modified, or deleted between the time the first chunk was returned and now may "
                + "show up in the list.")
        status.continueToken = token.encoded
        return status
    }
}

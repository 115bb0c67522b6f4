// What a list, a watch or a long-poll asks for.

import JSON

/// The query of a request for a collection.
public struct ListOptions: Sendable {
    /// How a given resourceVersion is meant.
    public enum VersionMatch: String, Hashable, Sendable {
        case exact = "Exact"
        case notOlderThan = "NotOlderThan"
    }

    public var labelSelector = LabelSelector.everything
    public var fieldSelector = FieldSelector.everything
    /// The revision given; 0 for any state, nil for the newest.
    public var resourceVersion: UInt64?
    public var resourceVersionMatch: VersionMatch?
    /// The most objects to return, or events for a long-poll; nil for no limit.
    public var limit: Int?
    public var continueToken: ContinueToken?
    /// How long a watch or a long-poll lasts.
    public var timeoutSeconds: Int64?
    public var watch = false
    public var allowWatchBookmarks = false
    /// Whether a watch begins with the present state and a bookmark after it; nil when nothing is
    /// said.
    public var sendInitialEvents: Bool?
    /// Whether events after a revision are asked for as one document.
    public var poll = false
    /// The name under which the position of a long-poll is kept.
    public var cursor: String?

    public init() {}

    /// Reads and checks a query.
    /// - Throws: `badRequest` for what cannot be read and for a cursor without a poll, and
    ///   `invalid` of `ListOptions` for what excludes each other.
    public init(_ query: QueryItems) throws(APIStatus) {
        labelSelector = try LabelSelector(parsing: query["labelSelector"] ?? "")
        fieldSelector = try FieldSelector(parsing: query["fieldSelector"] ?? "")
        limit = try query.number("limit").flatMap { $0 > 0 ? Int($0) : nil }
        timeoutSeconds = try query.number("timeoutSeconds")
        watch = query.flag("watch") ?? false
        allowWatchBookmarks = query.flag("allowWatchBookmarks") ?? false
        sendInitialEvents = query.flag("sendInitialEvents")
        poll = query.flag("poll") ?? false
        cursor = query["cursor"]
        guard cursor == nil || poll && !watch else { throw .cursorNeedsPoll }
        let match = query["resourceVersionMatch"] ?? ""
        resourceVersionMatch = VersionMatch(rawValue: match)
        let errors = errors(query, match: match)
        guard errors.isEmpty else { throw .invalidOptions("ListOptions", errors) }
        resourceVersion = try ResourceVersion.parse(query["resourceVersion"] ?? "")
        try readContinueToken(query["continue"] ?? "")
    }

    private mutating func readContinueToken(_ text: String) throws(APIStatus) {
        guard !text.isEmpty, !watch else { return }
        continueToken = try ContinueToken(encoded: text)
        if let resourceVersion, resourceVersion != 0 {
            throw .badRequest("specifying resource version is not allowed when using continue")
        }
    }

    private static let matchPath = FieldPath("resourceVersionMatch")
    private static let initialPath = FieldPath("sendInitialEvents")

    private func errors(_ query: QueryItems, match: String) -> [FieldError] {
        pollErrors(query)
            + (watch ? watchErrors(query, match: match) : listErrors(query, match: match))
    }

    private func listErrors(_ query: QueryItems, match: String) -> [FieldError] {
        var errors: [FieldError] = []
        if !match.isEmpty {
            if (query["resourceVersion"] ?? "").isEmpty {
                errors.append(
                    .forbidden(
                        Self.matchPath,
                        "resourceVersionMatch is forbidden unless resourceVersion is provided"))
            }
            errors += continueErrors(query)
            if resourceVersionMatch == nil {
                errors.append(
                    .notSupported(
                        Self.matchPath, .string(match), supported: ["Exact", "NotOlderThan", ""]))
            }
            if resourceVersionMatch == .exact, query["resourceVersion"] == "0" {
                errors.append(
                    .forbidden(
                        Self.matchPath,
                        "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""))
            }
        }
        if sendInitialEvents != nil {
            errors.append(
                .forbidden(Self.initialPath, "sendInitialEvents is forbidden for list"))
        }
        return errors
    }

    private func watchErrors(_ query: QueryItems, match: String) -> [FieldError] {
        var errors: [FieldError] = []
        if sendInitialEvents != nil, resourceVersionMatch != .notOlderThan {
            errors.append(
                .forbidden(
                    Self.matchPath,
                    "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"))
        }
        guard !match.isEmpty else { return errors }
        if sendInitialEvents == nil {
            errors.append(
                .forbidden(
                    Self.matchPath,
                    """
                    resourceVersionMatch is forbidden for watch unless sendInitialEvents is \
                    provided
                    """
                ))
        }
        if resourceVersionMatch != .notOlderThan {
            errors.append(
                .notSupported(Self.matchPath, .string(match), supported: ["NotOlderThan"]))
        }
        return errors + continueErrors(query)
    }

    private func continueErrors(_ query: QueryItems) -> [FieldError] {
        if (query["continue"] ?? "").isEmpty { return [] }
        return [
            .forbidden(
                Self.matchPath, "resourceVersionMatch is forbidden when continue is provided")
        ]
    }

    /// The rules of the parameters that Kubernetes does not have.
    private func pollErrors(_ query: QueryItems) -> [FieldError] {
        var errors: [FieldError] = []
        let path = FieldPath("poll")
        if poll, watch {
            errors.append(.forbidden(path, "poll is forbidden when watch is set"))
        }
        if poll, !(query["continue"] ?? "").isEmpty {
            errors.append(.forbidden(path, "poll is forbidden when continue is provided"))
        }
        if poll, !(query["resourceVersionMatch"] ?? "").isEmpty {
            errors.append(
                .forbidden(path, "poll is forbidden when resourceVersionMatch is provided"))
        }
        if let cursor {
            let path = FieldPath("cursor")
            errors += ValueFormat.dns1123Subdomain.check(cursor).map {
                .invalid(path, .string(cursor), $0)
            }
        }
        return errors
    }
}

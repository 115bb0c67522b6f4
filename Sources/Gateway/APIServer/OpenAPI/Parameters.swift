// The path, query and header parameters that operations take, as OpenAPI describes them.

import JSON

/// A parameter of an operation (OpenAPI 3.0, Parameter Object).
struct Parameter {
    enum Place: String {
        case path, query, header
    }

    let name: String
    let type: String
    let description: String
    var place = Place.query
    var choices: [String] = []

    var document: JSONValue {
        var schema: JSONObject = ["type": .string(type)]
        if !choices.isEmpty { schema["enum"] = .strings(choices) }
        var parameter: JSONObject = [
            "name": .string(name), "in": .string(place.rawValue),
            "description": .string(description),
        ]
        if place == .path { parameter["required"] = true }
        parameter["schema"] = .object(schema)
        return .object(parameter)
    }
}

/// The parameters by what they are for.
enum Parameters {
    static let name = Parameter(
        name: "name", type: "string", description: "The object's name.", place: .path)
    static let namespace = Parameter(
        name: "namespace", type: "string", description: "The namespace the object lives in.",
        place: .path)

    static let resourceVersion = Parameter(
        name: "resourceVersion", type: "string",
        description: """
            The state that the answer may show: unset is the newest, 0 is any, N is at least N. \
            For a watch or a poll, the position to go on from.
            """)

    /// What a list, a watch and a poll select by.
    static let selection = [
        Parameter(
            name: "labelSelector", type: "string",
            description: "Only objects whose labels meet these requirements, joined by commas."),
        Parameter(
            name: "fieldSelector", type: "string",
            description: "Only objects whose fields have these values, joined by commas."),
    ]

    static let paging = [
        Parameter(
            name: "limit", type: "integer",
            description: "The largest number of objects, or of events of a poll, in one answer."),
        Parameter(
            name: "continue", type: "string",
            description: "The token of the page before, which asks for the next one."),
        resourceVersion,
        Parameter(
            name: "resourceVersionMatch", type: "string",
            description: "How resourceVersion is meant: exactly it, or nothing older.",
            choices: ["Exact", "NotOlderThan"]),
    ]

    static let watching = [
        Parameter(
            name: "watch", type: "boolean",
            description: "Stream the changes after resourceVersion, a line of JSON each."),
        Parameter(
            name: "allowWatchBookmarks", type: "boolean",
            description: "Send an event with nothing but a resourceVersion now and then."),
        Parameter(
            name: "sendInitialEvents", type: "boolean",
            description: "Begin a watch with the present objects, and mark where they end."),
        Parameter(
            name: "timeoutSeconds", type: "integer",
            description: """
                How long a watch lasts or a poll waits at most. It may end a sixteenth earlier; a \
                poll never waits longer than five minutes.
                """),
    ]

    /// What turns a list into a long-poll.
    static let polling = [
        Parameter(
            name: "poll", type: "boolean",
            description: """
                Answer once, with a WatchEventList of the changes after resourceVersion, as soon \
                as there is one. Without resourceVersion the present objects are the changes.
                """),
        Parameter(
            name: "cursor", type: "string",
            description: """
                With poll, a name under which the server keeps the position. Without \
                resourceVersion the poll goes on after the last position that was acknowledged; \
                naming a resourceVersion acknowledges it.
                """),
    ]

    /// The conditions of a read (RFC 9110 section 13.1.2, RFC 7240 section 4.3).
    static let conditional = [
        Parameter(
            name: "If-None-Match", type: "string",
            description: "An ETag of before: the answer is 304 while nothing has changed.",
            place: .header),
        Parameter(
            name: "Prefer", type: "string",
            description: """
                With If-None-Match, `wait=N`: answer when something has changed, and with 304 \
                only after N seconds.
                """,
            place: .header),
    ]

    static let writing = [
        Parameter(
            name: "dryRun", type: "string",
            description: "With `All`, everything is checked and nothing is stored."),
        Parameter(
            name: "fieldManager", type: "string",
            description: "Who makes this change: a name of at most 128 printable characters."),
        Parameter(
            name: "fieldValidation", type: "string",
            description: """
                What becomes of unknown and repeated fields: Ignore drops them, Warn tells in a \
                header, Strict refuses the request.
                """),
    ]

    static let patching =
        writing + [
            Parameter(
                name: "force", type: "boolean",
                description: """
                    Whether an applied configuration takes fields from those who own them. Only \
                    for apply-patch, which needs fieldManager too.
                    """)
        ]

    static let deleting = [
        Parameter(
            name: "dryRun", type: "string",
            description: "With `All`, everything is checked and nothing is deleted."),
        Parameter(
            name: "gracePeriodSeconds", type: "integer",
            description: "How long the object has to end; 0 is at once."),
        Parameter(
            name: "propagationPolicy", type: "string",
            description: "What becomes of the objects that this one owns.",
            choices: ["Orphan", "Background", "Foreground"]),
        Parameter(
            name: "orphanDependents", type: "boolean",
            description: "Deprecated: use propagationPolicy."),
    ]
}

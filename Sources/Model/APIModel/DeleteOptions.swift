// How an object, or a collection, is to be deleted.

import JSON

/// The options of a deletion, from the body or the query.
public struct DeleteOptions: Hashable, Sendable {
    /// What becomes of the objects that the deleted one owns.
    public enum Propagation: String, Hashable, Sendable, CaseIterable {
        case foreground = "Foreground"
        case background = "Background"
        case orphan = "Orphan"
    }

    /// What must hold of the stored object for it to be deleted.
    public struct Preconditions: Hashable, Sendable {
        public var uid: String?
        public var resourceVersion: String?

        public init(uid: String? = nil, resourceVersion: String? = nil) {
            self.uid = uid
            self.resourceVersion = resourceVersion
        }

        /// - Throws: the conflict that names both sides.
        public func check(
            _ meta: ObjectMeta, _ kind: GroupKind
        ) throws(APIStatus) {
            if let uid, uid != meta.uid {
                throw .uidPreconditionFailed(kind, meta.name, uids: (uid, meta.uid))
            }
            if let resourceVersion, resourceVersion != meta.resourceVersion {
                throw .resourceVersionPreconditionFailed(
                    kind, meta.name, versions: (resourceVersion, meta.resourceVersion))
            }
        }
    }

    public var preconditions = Preconditions()
    /// Seconds that the object has to end; nil for the kind's own default. Never negative.
    public var gracePeriodSeconds: Int64?
    public var propagation: Propagation?
    /// The older way to say `propagation`.
    public var orphanDependents: Bool?
    public var isDryRun = false

    public init() {}

    /// Reads and checks the options: those in the body where there is one, else those in the query.
    /// - Throws: `badRequest` for a body that is no `DeleteOptions` or a value of a wrong type, and
    ///   `invalid` of `DeleteOptions`.
    public init(query: QueryItems, body: JSONValue?) throws(APIStatus) {
        let policy: String?
        let dryRun: [String]
        if let body {
            try Self.checkKind(body)
            policy = try Self.member(body, "propagationPolicy", \.string)
            dryRun = try (Self.member(body, "dryRun", \.array) ?? []).compactMap(\.string)
            try read(body)
        } else {
            policy = query["propagationPolicy"].flatMap { $0.isEmpty ? nil : $0 }
            dryRun = query.values("dryRun")
            gracePeriodSeconds = try query.number("gracePeriodSeconds")
            orphanDependents = query.flag("orphanDependents")
        }
        isDryRun = !dryRun.isEmpty
        propagation = policy.flatMap(Propagation.init)
        // What lies in the past asks for the shortest grace that is one.
        gracePeriodSeconds = gracePeriodSeconds.map { $0 < 0 ? 1 : $0 }
        let errors = policyErrors(policy) + DryRun.errors(dryRun)
        guard errors.isEmpty else { throw .invalidOptions("DeleteOptions", errors) }
    }

    private mutating func read(_ body: JSONValue) throws(APIStatus) {
        gracePeriodSeconds = try Self.member(body, "gracePeriodSeconds", \.int)
        orphanDependents = try Self.member(body, "orphanDependents", \.bool)
        guard let wanted = try Self.member(body, "preconditions", \.object) else { return }
        preconditions.uid = try Self.member(.object(wanted), "uid", \.string)
        preconditions.resourceVersion = try Self.member(
            .object(wanted), "resourceVersion", \.string)
    }

    private static func checkKind(_ body: JSONValue) throws(APIStatus) {
        guard body.object != nil else {
            throw .badRequest("the options of a deletion must be an object, not \(body.typeName)")
        }
        let kind = body["kind"]?.string ?? ""
        guard kind.isEmpty || kind == "DeleteOptions" else {
            throw .badRequest("decoded object cannot be converted to DeleteOptions")
        }
    }

    /// A member; nil when it is not there or null.
    private static func member<Value>(
        _ object: JSONValue, _ name: String, _ read: (JSONValue) -> Value?
    ) throws(APIStatus) -> Value? {
        guard let member = object[name], !member.isNull else { return nil }
        guard let value = read(member) else {
            throw .badRequest(
                "DeleteOptions cannot be handled: \(name) must not be of type \(member.typeName)")
        }
        return value
    }

    private func policyErrors(_ policy: String?) -> [FieldError] {
        guard let policy else { return [] }
        let path = FieldPath("propagationPolicy")
        var errors: [FieldError] = []
        if orphanDependents != nil {
            errors.append(
                .invalid(
                    path, .string(policy),
                    "orphanDependents and deletionPropagation cannot be both set"))
        }
        if propagation == nil {
            errors.append(
                .notSupported(
                    path, .string(policy),
                    supported: ["Foreground", "Background", "Orphan", "nil"]))
        }
        return errors
    }
}

// PATCH with a configuration to apply: the server works out what changes.

import APIModel
import Buffers
import JSON
import Ownership
import Resources
import Schema
import Storage

/// Server-side apply of an object or a part of it.
struct Applying {
    let environment: WriteEnvironment

    /// Applies the configuration; creates the object when it is not there.
    /// - Throws: as `ObjectUpdate.run` and `Creation.run`; 400 for a configuration that cannot be
    ///   read or is not of the object that the path names, 409 when others own what it changes.
    func run(_ request: WriteRequest) async throws(APIStatus) -> WriteOutcome {
        let applied = try AppliedConfiguration(request)
        guard request.target.subresource == nil else {
            return try await update(request, applied)
        }
        var lastRefusal: APIStatus?
        for _ in 0..<Limits.retryCountMax {
            do {
                return try await update(request, applied)
            } catch {
                guard error.reason == .notFound else { throw error }
            }
            do {
                return try await create(request, applied)
            } catch {
                guard error.reason == .alreadyExists else { throw error }
                lastRefusal = error
            }
        }
        throw lastRefusal ?? .tooManyConflicts(request.target.resource)
    }

    /// Applies to an object that is there.
    /// - Throws: as `run`, and 404 when it is not there.
    func update(
        _ request: WriteRequest, _ applied: AppliedConfiguration,
        view: ObjectUpdate.AdmittedView = .object
    ) async throws(APIStatus) -> WriteOutcome {
        try await ObjectUpdate(
            environment: environment, request: request, ownership: .settled, view: view,
            change: { current throws(APIStatus) in
                (try applied.object(appliedTo: current), applied.warnings)
            }
        ).run()
    }

    private func create(
        _ request: WriteRequest, _ applied: AppliedConfiguration
    ) async throws(APIStatus) -> WriteOutcome {
        try environment.requireCreation(request)
        return try await Creation(environment: environment).create(
            try applied.newObject(), request, warnings: applied.warnings, ownership: .settled)
    }
}

/// What a client applies, as its path takes it.
struct AppliedConfiguration: Sendable {
    private let configuration: JSONValue
    private let request: WriteRequest
    private let intake: ObjectIntake
    private let application: Application

    var warnings: [String] { intake.warnings }

    /// Reads the body of a request.
    init(_ request: WriteRequest) throws(APIStatus) {
        let endpoint = request.target.endpoint
        var intake = ObjectIntake(endpoint, request.options.fieldValidation)
        let body = try BodyDecoder.decodeConfiguration(
            request.body, as: endpoint.definition.groupVersionKind)
        try Self.checkKind(body.value, endpoint.definition.groupVersionKind)
        var configuration = try intake.acceptConfiguration(body)
        try Self.place(&configuration, request.target)
        try self.init(configuration, request, intake)
    }

    /// - Parameter configuration: has passed intake.
    init(
        _ configuration: JSONValue, _ request: WriteRequest, _ intake: ObjectIntake
    ) throws(APIStatus) {
        self.configuration = configuration
        self.request = request
        self.intake = intake
        do {
            application = try Application(configuration, by: request.attribution(.apply))
        } catch {
            throw APIStatus(error)
        }
    }

    /// - Throws: 400 for a configuration of another kind, and for one that sets its own owners.
    static func checkKind(
        _ body: JSONValue, _ kind: GroupVersionKind
    ) throws(APIStatus) {
        guard let sent = body["kind"]?.string, let version = body["apiVersion"]?.string else {
            throw .badRequest(
                "a configuration that is applied must say its apiVersion and kind: here "
                    + "\(kind.groupVersion) and \(kind.kind)")
        }
        guard sent == kind.kind, version == kind.groupVersion.description else {
            throw .badRequest(
                "Incorrect version specified in apply patch. Specified patch version: "
                    + "\(version), Kind=\(sent), expected: \(kind.groupVersion), Kind=\(kind.kind)")
        }
        let managed = body[path: "metadata", "managedFields"]
        guard managed == nil || managed == .null else {
            throw .badRequest("metadata.managedFields must be nil")
        }
    }

    /// The name and namespace must be those of the path, or left out.
    private static func place(
        _ configuration: inout JSONValue, _ target: WriteTarget
    ) throws(APIStatus) {
        let name = configuration.metadataName ?? target.name ?? ""
        guard name == target.name else {
            throw .badRequest(
                "the name of the object (\(name)) does not match the name on the URL "
                    + "(\(target.name ?? ""))")
        }
        configuration.setMetadata("name", .string(name))
        let namespace = configuration[path: "metadata", "namespace"]?.string ?? ""
        guard namespace.isEmpty || namespace == target.namespace ?? "" else {
            throw .badRequest(
                "the namespace of the object (\(namespace)) does not match the namespace on the "
                    + "request (\(target.namespace ?? ""))")
        }
        configuration.setMetadata("namespace", target.namespace.map { .string($0) })
    }

    // MARK: Applying

    /// A new object with its managedFields.
    /// - Throws: 409 when the configuration is of an object with a certain uid: that one is gone.
    func newObject() throws(APIStatus) -> JSONValue {
        let target = request.target
        if let uid = configuration[path: "metadata", "uid"]?.string, !uid.isEmpty {
            throw .conflict(
                target.resource, target.name ?? "",
                problem: "uid mismatch: the provided object specified uid \(uid), and no existing "
                    + "object was found")
        }
        do {
            return written(
                try application.apply(
                    to: nil, ManagedFields(), isForced: true, completing: intake.complete))
        } catch {
            throw APIStatus(error)
        }
    }

    /// `current` as it is with the configuration, its managedFields included.
    func object(appliedTo current: CurrentObject) throws(APIStatus) -> JSONValue {
        guard let managed = try? ManagedFields(written: current.managedFields) else {
            throw .internalError("the managedFields of \(current.key) cannot be read")
        }
        do {
            return written(
                try application.apply(
                    to: current.value, managed, isForced: request.options.force,
                    completing: intake.complete))
        } catch {
            guard case .conflicts(let conflicts) = error,
                let others = clientSideOnly(conflicts, current.value)
            else { throw APIStatus(error) }
            guard others.isEmpty else { throw APIStatus(ApplicationError.conflicts(others)) }
            let forced = try? application.apply(
                to: current.value, managed, isForced: true, completing: intake.complete)
            guard let forced else { throw APIStatus(error) }
            return written(forced)
        }
    }

    /// The object with its managedFields.
    private func written(_ result: Application.Result) -> JSONValue {
        var object = result.object
        if request.manager == LastApplied.manager { LastApplied.refresh(&object, configuration) }
        object.setMetadata("managedFields", try? JSONValue(parsing: result.managed.bytes))
        return object
    }

    /// The conflicts that are none, because kubectl itself wrote these values on the client's side,
    /// taken off; `nil` when it did not, or another program applies.
    private func clientSideOnly(
        _ conflicts: [FieldConflict], _ live: JSONValue
    ) -> [FieldConflict]? {
        let resource = request.target.endpoint.resource
        guard request.manager == LastApplied.manager,
            var last = LastApplied.configuration(of: live),
            last["apiVersion"] == live["apiVersion"], (try? resource.schema.decode(&last)) != nil
        else { return nil }
        let own = resource.schema.unchangedFields(
            of: last, in: live, resource.scope(ofWritesTo: request.target.subresource))
        return conflicts.filter { !own.contains($0.path) }
    }
}

/// The annotation in which `kubectl apply` keeps what it applied on the client's side.
enum LastApplied {
    /// The name under which `kubectl apply --server-side` applies.
    static let manager = "kubectl"
    private static let annotation = "kubectl.kubernetes.io/last-applied-configuration"

    /// What was applied last, or `nil`.
    static func configuration(of object: JSONValue) -> JSONValue? {
        ObjectMeta(of: object).annotation(annotation).flatMap {
            try? JSONValue(parsing: Bytes($0))
        }
    }

    /// Keeps the annotation of an object that has one in step with what the server applied.
    static func refresh(_ object: inout JSONValue, _ configuration: JSONValue) {
        guard var annotations = object[path: "metadata", "annotations"]?.object,
            annotations[annotation] != nil
        else { return }
        var applied = configuration
        if var own = applied[path: "metadata", "annotations"]?.object {
            own[annotation] = nil
            applied.setMetadata("annotations", .object(own))
        }
        annotations[annotation] = .string(applied.description + "\n")
        object.setMetadata("annotations", .object(annotations))
    }
}

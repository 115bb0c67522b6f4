// A write as webhooks and policies are told of it.

import APIModel
import Access
import Admission
import JSON
import Resources
import Schema

/// A write on its way through webhooks and policies.
struct AdmittedWrite {
    let environment: WriteEnvironment
    let request: WriteRequest
    let operation: AdmissionRequest.Operation
    /// What is there now, or `null`.
    var old = JSONValue.null
    /// Of a deletion.
    var deletion: DeleteOptions?
    /// Of an object that is shown as its `Scale`.
    var scale: ScaleView?

    private var target: WriteTarget { request.target }
    private var definition: ResourceDefinition { target.endpoint.definition }

    /// Lets webhooks change `object`, which has its defaults. Costs next to nothing when there are
    /// none.
    /// - Returns: whether they have changed it.
    /// - Throws: a refusal.
    func mutate(_ object: inout JSONValue) async throws(APIStatus) -> Bool {
        guard !request.isOwn, let dynamic = environment.dynamic,
            dynamic.mayChange(target.resource)
        else { return false }
        var admitted = try admissionRequest(object)
        let before = admitted.object
        var notes = AdmissionNotes()
        defer { request.notes.take(notes) }
        try await dynamic.mutate(&admitted, &notes, plugins: plugins)
        guard admitted.object != before else { return false }
        object = scale?.apply(admitted.object, to: object) ?? admitted.object
        return true
    }

    /// Lets webhooks and policies judge `object` as it will be stored. Costs next to nothing when
    /// there are none.
    /// - Throws: a refusal.
    func judge(_ object: JSONValue) async throws(APIStatus) {
        guard !request.isOwn, let dynamic = environment.dynamic,
            dynamic.mayJudge(target.resource)
        else { return }
        var notes = AdmissionNotes()
        defer { request.notes.take(notes) }
        try await dynamic.validate(try admissionRequest(object), &notes)
    }

    // MARK: The request

    /// The kind that is sent to a subresource, when it is another one than the resource's.
    private var otherKind: GroupVersionKind? {
        target.subresource.flatMap { definition.subresource($0)?.groupVersionKind }
    }

    private func admissionRequest(_ object: JSONValue) throws(APIStatus) -> AdmissionRequest {
        let (endpoint, isOther) = (target.endpoint, otherKind != nil)
        return AdmissionRequest(
            operation, at: place(of: object), by: request.user, options: options,
            isDryRun: request.options.isDryRun || deletion?.isDryRun == true,
            object: try shown(object), old: try shown(old),
            complete: { value throws(APIStatus) in
                isOther ? value : try Self.completed(value, endpoint)
            })
    }

    private func shown(_ object: JSONValue) throws(APIStatus) -> JSONValue {
        guard let scale, !object.isNull else { return object }
        return try scale.scale(of: object)
    }

    private static func completed(
        _ object: JSONValue, _ endpoint: ResourceEndpoint
    ) throws(APIStatus) -> JSONValue {
        var intake = ObjectIntake(endpoint, .ignore)
        var completed = try intake.accept(DecodedBody(value: object))
        completed.setMetadata("managedFields", nil)
        return completed
    }

    private func place(of object: JSONValue) -> AdmissionRequest.Place {
        let (endpoint, kind) = (target.endpoint, otherKind)
        let name = target.name ?? object.metadataName ?? ""
        let isNamespace = target.resource == environment.namespaces.qualifiedResource
        let equivalents = environment.equivalents
        return AdmissionRequest.Place(
            endpoint.admissionForm(otherKind), subresource: target.subresource ?? "",
            namespace: isNamespace ? target.name ?? "" : target.namespace ?? "", name: name,
            equivalents: {
                equivalents(endpoint).map { other in
                    kind == nil
                        ? endpoint.equivalent(other)
                        : AdmissionRequest.Equivalent(
                            other.admissionForm(kind), there: { $0 }, back: { $0 })
                }
            })
    }

    /// The server's own plugins, for an object that webhooks have changed.
    private func plugins(_ object: inout JSONValue) throws(APIStatus) {
        guard otherKind == nil, !object.isNull else { return }
        let name = object.metadataName ?? ""
        let operation: ProposedWrite.Operation = operation == .create ? .create : .update
        try environment.admission.admit(&object, from: old, at: target.resource) {
            request.proposal(operation, name: name)
        }
    }

    private var options: JSONValue {
        if let deletion { return deletion.json }
        return request.options.json(kind: operation == .create ? "CreateOptions" : "UpdateOptions")
    }
}

extension ResourceEndpoint {
    /// - Parameter kind: of what is sent, when it is not the resource's own.
    fileprivate func admissionForm(_ kind: GroupVersionKind?) -> AdmissionRequest.Form {
        AdmissionRequest.Form(
            kind ?? definition.groupVersionKind,
            at: definition.groupVersion.resource(definition.plural))
    }

    /// `other`, and how the objects of this endpoint become its own and back.
    fileprivate func equivalent(_ other: ResourceEndpoint) -> AdmissionRequest.Equivalent {
        AdmissionRequest.Equivalent(
            other.admissionForm(nil),
            there: { [self] (object) async throws(APIStatus) in
                try await converted(object, to: other)
            },
            back: { [self] (object) async throws(APIStatus) in
                try await other.converted(object, to: self)
            })
    }
}

extension WriteOptions {
    /// The options as an object of meta.k8s.io/v1; what says nothing is left out.
    fileprivate func json(kind: String) -> JSONValue {
        var members: JSONObject = [
            "kind": .string(kind), "apiVersion": "meta.k8s.io/v1",
        ]
        if isDryRun { members["dryRun"] = ["All"] }
        if !fieldManager.isEmpty { members["fieldManager"] = .string(fieldManager) }
        if fieldValidation != .warn {
            members["fieldValidation"] = .string(fieldValidation.rawValue)
        }
        return .object(members)
    }
}

extension DeleteOptions {
    fileprivate var json: JSONValue {
        var members: JSONObject = [
            "kind": "DeleteOptions", "apiVersion": "meta.k8s.io/v1",
        ]
        if let gracePeriodSeconds {
            members["gracePeriodSeconds"] = .number(JSONNumber(gracePeriodSeconds))
        }
        var conditions = JSONObject()
        conditions["uid"] = preconditions.uid.map { .string($0) }
        conditions["resourceVersion"] = preconditions.resourceVersion.map { .string($0) }
        if !conditions.isEmpty { members["preconditions"] = .object(conditions) }
        if let orphanDependents { members["orphanDependents"] = .bool(orphanDependents) }
        if let propagation { members["propagationPolicy"] = .string(propagation.rawValue) }
        if isDryRun { members["dryRun"] = ["All"] }
        return .object(members)
    }
}

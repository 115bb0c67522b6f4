// Tokens on request: TokenRequest of authentication.k8s.io/v1.

import APIModel
import Buffers
import Crypto
import JSON
import Storage
import WatchCache

/// Answers TokenRequest for the service account that the path names.
struct TokenRequest: VirtualHandler {
    let signer: ServiceAccountTokenSigner
    /// The audiences of this API: whoever asks for none gets a token for them.
    let audiences: [String]
    let objects: LivingObjects
    let now: @Sendable () -> WallTime

    /// - Throws: 404 when there is no such account or object, 409 when an object was made anew,
    ///   422 and 400 for what cannot be granted.
    func answer(_ request: VirtualRequest) async throws(APIStatus) -> JSONValue {
        let spec = request.object["spec"] ?? .null
        let asked = (spec["audiences"]?.array ?? []).compactMap(\.string)
        let seconds = spec["expirationSeconds"]?.int ?? Self.secondsDefault
        let errors = Self.errors(seconds, asked)
        guard errors.isEmpty else { throw .invalid(Self.kind, "", errors) }
        let account = try self.account(request)
        var grant = ServiceAccountTokenSigner.Grant(
            namespace: request.namespace,
            serviceAccount: .init(name: request.name, uid: account.uid.description),
            audiences: asked.isEmpty ? audiences : asked, lifetime: .seconds(seconds))
        if let reference = spec["boundObjectRef"], !reference.isNull {
            try bind(&grant, to: TokenBinding(reference))
        }
        let (token, claims) = signer.issue(grant, now: now())
        var granted = spec.object ?? JSONObject()
        granted["audiences"] = .array(grant.audiences.map(JSONValue.string))
        granted["expirationSeconds"] = .number(JSONNumber(seconds))
        granted["boundObjectRef"] = spec["boundObjectRef"] ?? .null
        return request.object.answered([
            "spec": .object(granted),
            "status": [
                "token": .string(String(token)),
                "expirationTimestamp": .string(claims.expiry.description),
            ],
        ])
    }

    private static let secondsDefault: Int64 = 3600
    private static let kind = GroupKind(group: "authentication.k8s.io", kind: "TokenRequest")

    private static func errors(_ seconds: Int64, _ audiences: [String]) -> [FieldError] {
        let path = FieldPath("spec").child("expirationSeconds")
        var errors: [FieldError] = []
        if seconds < Limits.requestedSecondsMin {
            errors.append(
                .invalid(
                    path, .number(JSONNumber(seconds)),
                    "may not specify a duration less than 10 minutes"))
        }
        if seconds > Limits.requestedSecondsMax {
            errors.append(
                .invalid(
                    path, .number(JSONNumber(seconds)),
                    "may not specify a duration larger than 2^32 seconds"))
        }
        if audiences.count > Limits.audienceCountMax {
            errors.append(
                .invalid(
                    FieldPath("spec").child("audiences"),
                    .number(JSONNumber(Int64(audiences.count))),
                    "must have at most \(Limits.audienceCountMax) items"))
        }
        return errors
    }

    private func account(_ request: VirtualRequest) throws(APIStatus) -> CachedObject {
        let metadata = request.object["metadata"] ?? .null
        for (member, wanted) in [("name", request.name), ("namespace", request.namespace)] {
            guard let stated = metadata[member]?.string, !stated.isEmpty else { continue }
            guard stated == wanted else {
                throw .badRequest(
                    "the \(member) in the body (\(stated.quoted)) is not that of the path "
                        + "(\(wanted.quoted))")
            }
        }
        let key = Key("core/serviceaccounts/\(request.namespace)/\(request.name)")
        guard let account = objects.object(.serviceAccount, key) else {
            throw .notFound(GroupResource(group: "", resource: "serviceaccounts"), request.name)
        }
        return account
    }

    /// Ties the token to an object that must be there.
    private func bind(
        _ grant: inout ServiceAccountTokenSigner.Grant, to binding: TokenBinding
    ) throws(APIStatus) {
        guard let kind = binding.kind else {
            throw .badRequest("cannot bind token to object of type \(binding.typeName)")
        }
        let place = kind == .node ? binding.name : "\(grant.namespace)/\(binding.name)"
        guard !binding.name.isEmpty,
            let object = objects.object(kind, Key("\(kind.resource)/\(place)"))
        else {
            throw .notFound(
                GroupResource(group: "", resource: "\(kind.rawValue)s"), binding.name)
        }
        let bound = ServiceAccountClaims.BoundObject(
            name: binding.name, uid: object.uid.description)
        try check(binding, bound, kind)
        switch kind {
        case .pod:
            grant.node = try node(of: object.value, grant.serviceAccount.name)
            grant.pod = bound
        case .secret: grant.secret = bound
        case .node: grant.node = bound
        case .serviceAccount: preconditionFailure("no binding has this kind")
        }
    }

    private func check(
        _ binding: TokenBinding, _ bound: ServiceAccountClaims.BoundObject, _ kind: BoundObject.Kind
    ) throws(APIStatus) {
        guard !binding.uid.isEmpty, binding.uid != bound.uid else { return }
        throw .conflict(
            GroupResource(group: "", resource: "\(kind.rawValue)s"), binding.name,
            problem: "the UID in the bound object reference (\(binding.uid)) does not match the "
                + "UID in record (\(bound.uid)). The object might have been deleted and then "
                + "recreated")
    }

    /// Where the pod runs; its uid is empty for a node that is not there.
    private func node(
        of pod: JSONValue, _ account: String
    ) throws(APIStatus) -> ServiceAccountClaims.BoundObject? {
        let stated = pod[path: "spec", "serviceAccountName"]?.string ?? ""
        guard stated == account || stated.isEmpty && account == "default" else {
            throw .badRequest(
                "cannot bind token for serviceaccount \(account.quoted) to pod running with "
                    + "different serviceaccount name.")
        }
        guard let name = pod[path: "spec", "nodeName"]?.string, !name.isEmpty else { return nil }
        let node = objects.object(.node, Key("core/nodes/\(name)"))
        return .init(name: name, uid: node?.uid.description ?? "")
    }
}

/// The `boundObjectRef` of a request.
private struct TokenBinding {
    let kind: BoundObject.Kind?
    let typeName: String
    let name: String
    let uid: String

    init(_ reference: JSONValue) {
        let version = reference["apiVersion"]?.string ?? ""
        let kind = reference["kind"]?.string ?? ""
        name = reference["name"]?.string ?? ""
        uid = reference["uid"]?.string ?? ""
        typeName = "\(version), Kind=\(kind)"
        let kinds: [String: BoundObject.Kind] = ["Pod": .pod, "Secret": .secret, "Node": .node]
        self.kind = version == "v1" ? kinds[kind] : nil
    }
}

// Questions about who somebody is: TokenReview and SelfSubjectReview of authentication.k8s.io/v1.

import APIModel
import Buffers
import Crypto
import JSON

/// Answers TokenReview: whose token is it?
struct TokenReview: VirtualHandler {
    /// Who knows tokens that are not made for certain audiences.
    let others: AuthenticationChain
    let accounts: ServiceAccountAuthenticator?
    /// The audiences of this API.
    let audiences: [String]
    let now: @Sendable () -> WallTime

    /// - Throws: 400 without a token.
    func answer(_ request: VirtualRequest) async throws(APIStatus) -> JSONValue {
        let spec = request.object["spec"] ?? .null
        guard let token = spec["token"]?.string, !token.isEmpty else {
            throw .badRequest("token is required for TokenReview in authentication")
        }
        let asked = (spec["audiences"]?.array ?? []).compactMap(\.string)
        var status = JSONObject()
        do {
            let (user, audiences) = try review(Bytes(token), asked.isEmpty ? nil : asked)
            status["authenticated"] = true
            status["user"] = user.json
            status["audiences"] = .array(audiences.map(JSONValue.string))
        } catch {
            status["user"] = [:]
            status["error"] = .string(error.detail)
        }
        return request.object.answered(["spec": spec, "status": .object(status)])
    }

    private func review(
        _ token: Bytes, _ asked: [String]?
    ) throws(AuthenticationFailure) -> (user: User, audiences: [String]) {
        if let accounts {
            let (found, matching) = accounts.review(token, for: asked, now: now())
            switch found {
            case .user(let user, _): return (user, matching)
            case .refused(let failure): throw failure
            case .unknown: break
            }
        }
        let matching = asked.map { $0.filter(audiences.contains) } ?? audiences
        guard !matching.isEmpty else { throw .unknownToken }
        let (user, _) = try others.authenticate(Credentials(bearerToken: token), now: now())
        return (user, matching)
    }
}

/// Answers SelfSubjectReview: who am I? What was sent has no part in the answer.
struct SelfSubjectReview: VirtualHandler {
    let now: @Sendable () -> WallTime

    func answer(_ request: VirtualRequest) async throws(APIStatus) -> JSONValue {
        let time = Timestamp(seconds: now().seconds).description
        return request.object.answered([
            "metadata": ["creationTimestamp": .string(time)],
            "status": ["userInfo": request.user.json],
        ])
    }
}

extension User {
    /// The user as `UserInfo` of authentication.k8s.io; what is empty is left out.
    public var json: JSONValue {
        var members: JSONObject = ["username": .string(name.string)]
        if !uid.isEmpty { members["uid"] = .string(uid) }
        if !groups.isEmpty { members["groups"] = .array(groups.strings.map(JSONValue.string)) }
        if !extra.isEmpty {
            let sorted = extra.sorted { $0.key < $1.key }
            members["extra"] = .object(
                JSONObject(sorted.map { ($0.key, .array($0.value.map(JSONValue.string))) }))
        }
        return .object(members)
    }
}

// Service accounts, by their tokens.

import Buffers
import Crypto
import Storage
import Synchronization
import WatchCache

/// Knows the tokens of service accounts. Signature, issuer and audience of a token are checked
/// once, and remembered by the token's digest until it expires or others take its place. Whether
/// the account and what the token is bound to are still there is checked each time.
public final class ServiceAccountAuthenticator: Authenticator {
    /// What is known of a token whose signature was checked.
    private struct Known {
        let user: User
        let expiry: WallTime
        let objects: [BoundObject]
    }

    private let verifier: ServiceAccountTokenVerifier
    private let objects: LivingObjects
    private let known = Mutex(RecentlyUsed<Known>(countMax: Limits.knownTokenCountMax))

    /// - Precondition: `cache` holds service accounts, pods, secrets and nodes.
    public init(_ verifier: ServiceAccountTokenVerifier, _ cache: Cache) {
        self.verifier = verifier
        objects = LivingObjects(cache)
    }

    public func authenticate(_ credentials: Credentials, now: WallTime) -> Authentication {
        guard let token = credentials.bearerToken, token.isJSONWebToken else { return .unknown }
        let digest = SHA256.digest(token)
        if let known = known.withLock({ $0.value(digest) }), now < known.expiry {
            return check(known, now)
        }
        switch verify(token, for: nil, now) {
        case .success(let verified):
            let found = Self.known(verified.claims)
            known.withLock { $0.set(found, for: digest) }
            return check(found, now)
        case .failure(.foreignIssuer): return .unknown
        case .failure(let error): return .refused(AuthenticationFailure(error))
        }
    }

    /// The same for whoever asks for another audience's sake; nothing is remembered.
    /// - Returns: which of `audiences` the token is for.
    func review(
        _ token: Bytes, for audiences: [String]?, now: WallTime
    ) -> (found: Authentication, audiences: [String]) {
        guard token.isJSONWebToken else { return (.unknown, []) }
        switch verify(token, for: audiences, now) {
        case .success(let verified):
            return (check(Self.known(verified.claims), now), verified.audiences)
        case .failure(.foreignIssuer): return (.unknown, [])
        case .failure(let error): return (.refused(AuthenticationFailure(error)), [])
        }
    }

    private func verify(
        _ token: Bytes, for audiences: [String]?, _ now: WallTime
    ) -> Result<ServiceAccountTokenVerifier.Verified, TokenError> {
        do {
            return .success(try verifier.verify(token, for: audiences, now: now))
        } catch {
            return .failure(error)
        }
    }

    private func check(_ known: Known, _ now: WallTime) -> Authentication {
        for object in known.objects {
            if let failure = objects.absence(of: object, now: now) { return .refused(failure) }
        }
        return .user(known.user, until: known.expiry)
    }

    /// A pod's end is its token's, wherever it ran; so the node counts only without a pod.
    private static func known(_ claims: ServiceAccountClaims) -> Known {
        var objects = [
            BoundObject(.serviceAccount, claims.serviceAccount, in: claims.namespace)
        ]
        if let secret = claims.secret {
            objects.append(BoundObject(.secret, secret, in: claims.namespace))
        }
        if let pod = claims.pod {
            objects.append(BoundObject(.pod, pod, in: claims.namespace))
        } else if let node = claims.node {
            objects.append(BoundObject(.node, node))
        }
        return Known(
            user: claims.user.inGroupOfAuthenticated, expiry: claims.expiry, objects: objects)
    }
}

extension AuthenticationFailure {
    init(_ error: TokenError) {
        let reason =
            switch error {
            case .tooLarge: "token_too_large"
            case .malformed: "malformed_token"
            case .foreignIssuer: "unknown_token"
            case .unknownKey: "unknown_key"
            case .wrongSignature: "wrong_signature"
            case .expired: "expired_token"
            case .notYetValid: "early_token"
            case .wrongAudience: "wrong_audience"
            }
        self.init(reason: reason, detail: "\(error)")
    }
}

extension Bytes {
    /// Whether this has the outer form of a token in three parts.
    fileprivate var isJSONWebToken: Bool {
        withUnsafeBytes { bytes in
            var dotCount = 0
            for byte in bytes where byte == UInt8(ascii: ".") { dotCount += 1 }
            return dotCount == 2
        }
    }
}

/// The values that were used last, by digest: at most `countMax`, and at least half of them.
struct RecentlyUsed<Value> {
    private var younger: [Bytes: Value] = [:]
    private var older: [Bytes: Value] = [:]
    private let generationCountMax: Int

    init(countMax: Int) { generationCountMax = countMax / 2 }

    mutating func value(_ digest: Bytes) -> Value? {
        if let value = younger[digest] { return value }
        guard let value = older[digest] else { return nil }
        set(value, for: digest)
        return value
    }

    mutating func set(_ value: Value, for digest: Bytes) {
        if younger.count >= generationCountMax {
            older = younger
            younger = [:]
        }
        younger[digest] = value
    }
}

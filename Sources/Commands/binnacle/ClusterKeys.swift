// Whether the gateways on one store have the same keys.

import Buffers
import Crypto
import Storage

/// The fingerprints of what gateways must share: the key that signs the tokens of service accounts,
/// and the authority that pods are told of. The first gateway on a store writes them down.
struct ClusterKeys: Hashable {
    private let text: Bytes
    private static let key: Key = "binnacle.cluster/keys"

    init(_ keys: ServerKeys) {
        let token = Self.fingerprint(keys.tokenKey.publicKey.pem)
        let authority = keys.authority.map(Self.fingerprint) ?? "none"
        text = Bytes("tokens \(token)\nauthority \(authority)\n")
    }

    private static func fingerprint(_ bytes: Bytes) -> String {
        SHA256.digest(bytes).array.prefix(16).map {
            let digits = String($0, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    /// - Throws: `StartFailure` when others on this store have other keys. Nothing when the store
    ///   is out of reach: the gateway has been here before, since it has a journal.
    func settle(in store: any Store) async throws {
        do throws(StorageError) {
            let result = try await store.commit(
                Transaction(comparisons: [.absent(Self.key)], operations: [.put(Self.key, text)]))
            guard case .conflict(_, let present?) = result, present.value != text else { return }
        } catch {
            switch error {
            case .notWritable, .uncertain, .unavailable: return
            default: throw error
            }
        }
        throw StartFailure(
            description: """
                the other gateways on this store have other keys: copy ca.crt, ca.key and sa.key \
                from the pki folder of one of them into that of this one, and remove the other \
                files there. When this gateway's keys are to replace theirs, delete the key \
                items/\(Self.key) under the prefix in etcd, and give the others these keys
                """)
    }
}

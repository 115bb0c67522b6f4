// Whether the gateways on one store have the same keys.

import Buffers
import Crypto
import Storage

/// The fingerprints of what gateways must share: the key that signs the tokens of service accounts,
/// and the authority that pods are told of. The first gateway on a store writes them down.
struct ClusterKeys: Hashable {
    /// `tokens` and `authority`, as far as they are known.
    private let fingerprints: [String: String]
    private static let key: Key = "binnacle.cluster/keys"

    init(_ keys: ServerKeys) {
        fingerprints = [
            "tokens": Self.fingerprint(keys.tokenKey.publicKey.pem),
            "authority": keys.authority.map(Self.fingerprint) ?? "none",
        ]
    }

    /// What is known before a gateway has started.
    init(tokenKey: PrivateKey) {
        fingerprints = ["tokens": Self.fingerprint(tokenKey.publicKey.pem)]
    }

    private init(fingerprints: [String: String]) { self.fingerprints = fingerprints }

    private init(_ item: Item) {
        let lines = item.value.description.split(separator: "\n").map { $0.split(separator: " ") }
        let pairs = lines.filter { $0.count == 2 }.map { (String($0[0]), String($0[1])) }
        fingerprints = Dictionary(pairs) { first, _ in first }
    }

    private var text: Bytes {
        let names = ["tokens", "authority"].filter { fingerprints[$0] != nil }
        return Bytes(names.map { "\($0) \(fingerprints[$0]!)\n" }.joined())
    }

    private static func fingerprint(_ bytes: Bytes) -> String {
        SHA256.digest(bytes).array.prefix(16).map {
            let digits = String($0, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    /// Writes down what nobody has written yet.
    /// - Throws: `StartFailure` when others on this store have other keys. Nothing when the store
    ///   is out of reach: the gateway has been here before, since it has a journal.
    func settle(in store: any Store) async throws {
        do throws(StorageError) {
            var comparison = Comparison.absent(Self.key)
            var operation = Operation.put(Self.key, text)
            while true {
                let result = try await store.commit(
                    Transaction(comparisons: [comparison], operations: [operation]))
                guard case .conflict(_, let present?) = result else { return }
                let known = ClusterKeys(present).fingerprints
                let all = known.merging(fingerprints) { known, _ in known }
                guard all.allSatisfy({ fingerprints[$0.key] ?? $0.value == $0.value }) else {
                    break
                }
                if all == known { return }
                comparison = .unchanged(Self.key, since: present.revision)
                operation = .put(Self.key, ClusterKeys(fingerprints: all).text)
            }
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

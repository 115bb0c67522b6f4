// Which groups and versions other servers serve.

import APIModel
import Buffers
import JSON
import Outbound
import Synchronization

/// What is known of a server.
struct ExtensionState: Sendable {
    let api: ExtensionAPI
    /// Its resources, as they were last told; `nil` when nobody has told them yet.
    var resources: JSONValue?
    /// Whether it describes its kinds.
    var hasOpenAPI = false
    /// Why it does not answer; `nil` when it does.
    var problem: Unavailability?
}

/// The APIServices of other servers, for readers on any thread.
final class ExtensionRegister: Sendable {
    private let states = Mutex<[GroupVersion: ExtensionState]>([:])

    /// Sorted as discovery shows them: a group's versions behind one another, the preferred first.
    var all: [ExtensionState] {
        states.withLock { Array($0.values) }.sorted { first, second in
            let (left, right) = (first.api, second.api)
            if left.groupVersion.group != right.groupVersion.group {
                return left.groupVersion.group < right.groupVersion.group
            }
            if left.versionPriority != right.versionPriority {
                return left.versionPriority > right.versionPriority
            }
            return left.groupVersion < right.groupVersion
        }
    }

    var isEmpty: Bool { states.withLock { $0.isEmpty } }

    /// The server of a path below `/apis/<group>/<version>`, or of the description of its kinds.
    func api(at path: Bytes) -> ExtensionAPI? {
        guard !isEmpty else { return nil }
        var segments = PathSegments(path)
        var first = segments.next()
        if first == "openapi" {
            guard segments.next() == "v3" else { return nil }
            first = segments.next()
        }
        guard first == "apis", let group = segments.next(), let version = segments.next() else {
            return nil
        }
        let groupVersion = GroupVersion(group: group.description, version: version.description)
        return states.withLock { $0[groupVersion]?.api }
    }

    /// Serves these and no others; what is known of those that stay is kept.
    func serve(_ apis: [ExtensionAPI]) {
        states.withLock { states in
            var next: [GroupVersion: ExtensionState] = [:]
            for api in apis {
                let known = states[api.groupVersion]
                next[api.groupVersion] =
                    known?.api == api ? known : ExtensionState(api: api)
            }
            states = next
        }
    }

    /// Takes what was found out, unless something else is served by now.
    func note(_ state: ExtensionState) {
        states.withLock { states in
            guard states[state.api.groupVersion]?.api == state.api else { return }
            states[state.api.groupVersion] = state
        }
    }
}

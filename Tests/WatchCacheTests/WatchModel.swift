// What watchers should see, worked out the long way from the whole history.

import Buffers
import Storage

@testable import WatchCache

/// Every state that every object ever had.
struct WatchModel {
    struct Change {
        let revision: UInt64
        let key: String
        let now: Sample?
        let before: (sample: Sample, revision: UInt64)?
    }

    private(set) var history: [Change] = []
    private(set) var present: [String: (sample: Sample, revision: UInt64)] = [:]

    mutating func put(_ sample: Sample, _ revision: UInt64) {
        history.append(
            Change(
                revision: revision, key: sample.key, now: sample, before: present[sample.key]))
        present[sample.key] = (sample, revision)
    }

    mutating func delete(_ key: String, _ revision: UInt64) {
        history.append(
            Change(revision: revision, key: key, now: nil, before: present[key]))
        present[key] = nil
    }

    /// The objects at `revision`.
    func state(at revision: UInt64) -> [String: (sample: Sample, revision: UInt64)] {
        var state: [String: (sample: Sample, revision: UInt64)] = [:]
        for change in history where change.revision <= revision {
            state[change.key] = change.now.map { ($0, change.revision) }
        }
        return state
    }

    /// The frames after `start` up to and with `end` that a watcher with `selection` gets.
    func frames(_ selection: Selection, after start: UInt64, through end: UInt64) -> [String] {
        let first = history.partitioningIndex { $0.revision > start }
        return history[first...].prefix { $0.revision <= end }.compactMap { change in
            let isSeen = change.now.map { selection.accepts($0) } ?? false
            let wasSeen = change.before.map { selection.accepts($0.sample) } ?? false
            switch (wasSeen, isSeen) {
            case (false, false): return nil
            case (false, true): return frame("ADDED", change.now!, change.revision)
            case (true, true): return frame("MODIFIED", change.now!, change.revision)
            case (true, false): return frame("DELETED", change.before!.sample, change.revision)
            }
        }
    }

    /// The frames of the initial events at `revision`.
    func initialFrames(_ selection: Selection, at revision: UInt64) -> [String] {
        let bytewise = { (left: String, right: String) in Key(left) < Key(right) }
        let state = state(at: revision)
        return state.keys.sorted(by: bytewise).filter { selection.accepts(state[$0]!.sample) }
            .map { frame("ADDED", state[$0]!.sample, state[$0]!.revision) }
    }

    private func frame(_ word: String, _ sample: Sample, _ revision: UInt64) -> String {
        "\(word)|\(sample.key)|\(revision)|\(sample.body(at: revision))"
    }
}

extension Selection {
    /// The selectors' meaning, straight from the Kubernetes API conventions.
    func accepts(_ sample: Sample) -> Bool {
        guard sample.key.hasPrefix("core/pods/") else { return false }
        if let namespace, sample.namespace != namespace { return false }
        if let name, sample.name != name { return false }
        return labels.allSatisfy { $0.accepts(sample.labels) }
            && fields.allSatisfy { field in
                let value =
                    switch field.target {
                    case .name: sample.name
                    case .namespace: sample.namespace
                    case .field(let index): sample.fields[index]
                    }
                return (value == field.value) == field.isEqual
            }
    }
}

extension LabelRequirement {
    fileprivate func accepts(_ labels: [String: String]) -> Bool {
        switch self {
        case .isIn(let name, let values): labels[name].map { values.contains($0) } ?? false
        case .notIn(let name, let values): !(labels[name].map { values.contains($0) } ?? false)
        case .exists(let name): labels[name] != nil
        case .absent(let name): labels[name] == nil
        case .greaterThan(let name, let bound): (Int64(labels[name] ?? "") ?? .min) > bound
        case .lessThan(let name, let bound): (Int64(labels[name] ?? "") ?? .max) < bound
        }
    }
}

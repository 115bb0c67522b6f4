// Which objects belong to which.

import Storage

/// The objects that have owners, by these owners' uids, and what has to be looked at since the last
/// time. Performs no I/O.
struct OwnerGraph {
    private var ownersByObject: [Key: Set<String>] = [:]
    private var objectsByOwner: [String: Set<Key>] = [:]
    /// Deleted objects that are held until their dependents have been dealt with, by uid.
    private var waiting: [String: Key] = [:]
    private var work = Work()

    /// What is to be looked at.
    struct Work {
        /// Objects that may have lost their last owner.
        var dependents: Set<Key> = []
        /// Deleted objects that may have got rid of their dependents.
        var owners: Set<Key> = []

        var isEmpty: Bool { dependents.isEmpty && owners.isEmpty }
    }

    /// What the graph needs to know of an object.
    struct Member {
        let key: Key
        let uid: String
        /// The uids of its owners.
        var owners: Set<String> = []
        /// Whether it is deleted, and held until its dependents have been dealt with.
        var isWaiting = false
    }

    /// Takes in an object as it is now.
    mutating func see(_ member: Member) {
        let before = setOwners(member.owners, of: member.key)
        // What happens to its owners later is seen with them.
        if before != member.owners { work.dependents.insert(member.key) }
        if member.isWaiting {
            waiting[member.uid] = member.key
            work.owners.insert(member.key)
            work.dependents.formUnion(dependents(of: member.uid))
        } else if !waiting.isEmpty {
            waiting[member.uid] = nil
        }
        remind(before.union(member.owners))
    }

    /// Takes in that an object has left.
    mutating func lose(_ member: Member) {
        let before = setOwners([], of: member.key)
        waiting[member.uid] = nil
        work.dependents.formUnion(dependents(of: member.uid))
        remind(before.union(member.owners))
    }

    /// Forgets what it knew of the objects whose keys are in `range`; those that are still there
    /// are seen again. What depends on any of them is looked at.
    mutating func forget(_ range: KeyRange) {
        for key in ownersByObject.keys where range.contains(key) { _ = setOwners([], of: key) }
        waiting = waiting.filter { !range.contains($0.value) }
        work.dependents.formUnion(ownersByObject.keys)
    }

    /// The objects that name `uid` as an owner.
    func dependents(of uid: String) -> Set<Key> { objectsByOwner[uid] ?? [] }

    /// What is to be looked at, once.
    mutating func takeWork() -> Work {
        defer { work = Work() }
        return work
    }

    /// Puts back what could not be done.
    mutating func putBack(_ rest: Work) {
        work.dependents.formUnion(rest.dependents)
        work.owners.formUnion(rest.owners)
    }

    /// Those owners that wait are looked at again: one of their dependents has changed.
    private mutating func remind(_ owners: Set<String>) {
        guard !waiting.isEmpty else { return }
        for uid in owners { if let key = waiting[uid] { work.owners.insert(key) } }
    }

    /// - Returns: the owners before.
    private mutating func setOwners(_ owners: Set<String>, of key: Key) -> Set<String> {
        let before = ownersByObject[key] ?? []
        guard before != owners else { return before }
        for uid in before.subtracting(owners) {
            objectsByOwner[uid]?.remove(key)
            if objectsByOwner[uid]?.isEmpty == true { objectsByOwner[uid] = nil }
        }
        for uid in owners.subtracting(before) { objectsByOwner[uid, default: []].insert(key) }
        ownersByObject[key] = owners.isEmpty ? nil : owners
        return before
    }
}

// How far a deletion takes an object: marked, waiting, or gone.

import APIModel
import JSON
import Resources

/// What a deletion does to an object as it is now.
enum DeletionStage: Equatable {
    /// It leaves the store, and is answered as it is here.
    case ends(JSONValue)
    /// It is marked, and waits for its finalizers or for whoever runs it.
    case begins(JSONValue)
    /// It has been marked, and waits.
    case waiting

    /// - Parameters:
    ///   - object: with the finalizers that hold it from now on.
    ///   - before: as the store has it.
    init(
        _ object: JSONValue, from before: JSONValue, _ strategy: any Strategy,
        _ options: DeleteOptions, _ context: StrategyContext
    ) {
        let deletion = strategy.deletion(
            of: object, gracePeriodSeconds: options.gracePeriodSeconds)
        let meta = ObjectMeta(of: object)
        let isHeld = !meta.finalizers.isEmpty || !strategy.mayEnd(object)
        if deletion == .immediate, !isHeld {
            self = .ends(object)
            return
        }
        var seconds: Int64 = 0
        if case .graceful(let period) = deletion {
            seconds = min(period, Limits.gracePeriodSecondsMax)
        }
        let isOver = seconds == 0 && !isHeld
        if !isOver, meta.isBeingDeleted, object == before,
            seconds >= meta.deletionGracePeriodSeconds ?? 0
        {
            self = .waiting
            return
        }
        var object = object
        object.mark(DeletionMark(meta, seconds: seconds, now: context.now))
        strategy.prepareForDeletion(&object)
        self = isOver ? .ends(object) : .begins(object)
    }
}

/// What shows in the metadata of an object that its deletion has begun.
private struct DeletionMark {
    let deletionTimestamp: Timestamp
    let gracePeriodSeconds: Int64
    let generation: Int64

    /// A period that has begun can only be shortened, and counts from its beginning; it never ends
    /// in the past. The first mark is a change to which whoever runs the object has to respond, and
    /// raises its generation.
    init(_ meta: ObjectMeta, seconds: Int64, now: Timestamp) {
        var end = now.seconds + seconds
        var period = seconds
        if let present = meta.deletionTimestamp {
            end = present.seconds - (meta.deletionGracePeriodSeconds ?? 0) + seconds
            if end < now.seconds {
                end = now.seconds
                period = min(seconds, 1)
            }
        }
        deletionTimestamp = Timestamp(seconds: end)
        gracePeriodSeconds = period
        let isCounted = meta.generation > 0 && !meta.isBeingDeleted
        generation = meta.generation + (isCounted ? 1 : 0)
    }
}

extension JSONValue {
    fileprivate mutating func mark(_ mark: DeletionMark) {
        setMetadata("deletionTimestamp", .string(mark.deletionTimestamp.description))
        setMetadata("deletionGracePeriodSeconds", .number(JSONNumber(mark.gracePeriodSeconds)))
        if mark.generation > 0 {
            setMetadata("generation", .number(JSONNumber(mark.generation)))
        }
    }
}

// Applying without a store to follow.

import Storage

extension Cache {
    /// Applies whole transactions at once, as following the store would: for measurements of the
    /// cache by itself.
    /// - Precondition: `run` was not called.
    package func applyDirectly(_ batch: EventBatch) { apply(batch) }
}

// The objects of custom resources, as far as their definition does not say it all.

import APIModel
import JSON
import Schema

struct CustomStrategy: Strategy {
    var allowsUnconditionalUpdate: Bool { false }
    /// A write of the status is that, and nothing else.
    var statusUpdateKeepsMetadata: Bool { false }
}

import Buffers
import Synchronization

/// Metrics of one name that differ in their label values.
public final class Family<Child: Metric>: Sendable {
    private struct Member {
        let child: Child
        let series: Series
    }

    private let name: String
    private let labels: [String]
    private let make: @Sendable () -> Child
    private let members = Mutex<[[String]: Member]>([:])

    init(name: String, labels: [String], make: @escaping @Sendable () -> Child) {
        for label in labels {
            precondition(isLabelName(label), "not a label name: \(label)")
        }
        self.name = name
        self.labels = labels
        self.make = make
    }

    /// The child with these label values, made when it is first asked for. Keep it where it is
    /// observed often: finding it takes a lock and hashes the values.
    ///
    /// Past `Limits.childCountMax` children, new values share one child whose label values are all
    /// `other`.
    /// - Precondition: one value for each label.
    public func child(_ values: String...) -> Child {
        precondition(values.count == labels.count, "\(values) for \(labels)")
        return members.withLock { members in
            if let member = members[values] { return member.child }
            let isFull = members.count >= Limits.childCountMax
            let values = isFull ? labels.map { _ in "other" } : values
            if isFull, let member = members[values] { return member.child }
            let child = make()
            let series = Series(name: name, labels: labels, values: values)
            members[values] = Member(child: child, series: series)
            return child
        }
    }

    /// Forgets the children whose first label values are these: what they stood for is gone. Who
    /// still holds one may observe it; it is not written any more.
    public func removeChildren(startingWith values: [String]) {
        members.withLock { members in
            members = members.filter { !$0.key.starts(with: values) }
        }
    }

    func writeSamples(into buffer: inout ByteBuffer) {
        let present = members.withLock { Array($0.values) }
        for member in present.sorted(by: { $0.series.labels < $1.series.labels }) {
            member.child.writeSamples(of: member.series, into: &buffer)
        }
    }
}

/// `[a-zA-Z_][a-zA-Z0-9_]*`, as the Prometheus data model has it.
func isLabelName(_ name: String) -> Bool {
    isMetricName(name) && !name.utf8.contains(UInt8(ascii: ":"))
}

/// `[a-zA-Z_:][a-zA-Z0-9_:]*`, as the Prometheus data model has it.
func isMetricName(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
    else {
        return false
    }
    return name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: ":"):
            true
        default: false
        }
    }
}

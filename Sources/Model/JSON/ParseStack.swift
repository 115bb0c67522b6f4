/// What the parser has read of arrays and objects that are still open. A finished one moves its
/// part into an array of the right size, so nothing is grown twice.
struct ParseStack<Element>: ~Copyable {
    private var base: UnsafeMutablePointer<Element>
    private var capacity = 0
    private let firstCapacity: Int
    private(set) var count = 0

    /// Allocates room for `firstCapacity` elements when there is a first one.
    init(firstCapacity: Int) {
        self.firstCapacity = firstCapacity
        base = UnsafeMutablePointer(bitPattern: MemoryLayout<Element>.alignment).unsafelyUnwrapped
    }

    deinit {
        base.deinitialize(count: count)
        if capacity > 0 { base.deallocate() }
    }

    subscript(index: Int) -> Element {
        @inline(__always) get { base[index] }
    }

    @inline(__always)
    mutating func push(_ element: consuming Element) {
        if count == capacity { grow() }
        (base + count).initialize(to: element)
        count += 1
    }

    @inline(never)
    private mutating func grow() {
        let more = max(capacity * 2, firstCapacity)
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: more)
        larger.moveInitialize(from: base, count: count)
        if capacity > 0 { base.deallocate() }
        base = larger
        capacity = more
    }

    /// Moves what lies above `start` out.
    @inline(__always)
    mutating func pop(from start: Int) -> [Element] {
        let moved = count - start
        // Not `Array(unsafeUninitializedCapacity:)`, which looks the array's type up at each call.
        var array: [Element] = []
        array.reserveCapacity(moved)
        for index in start..<count { array.append((base + index).move()) }
        count = start
        return array
    }

    /// Drops what lies above `start`.
    mutating func drop(from start: Int) {
        (base + start).deinitialize(count: count - start)
        count = start
    }

    /// Changes the element at `index` in place.
    mutating func replace(at index: Int, with element: consuming Element) { base[index] = element }
}

/// How many items to ask for at once, so that an answer has about the wanted size whatever the
/// items' own. Performs no I/O.
struct PageSize: Sendable {
    private static let byteCountWanted = 8 << 20
    private static let itemCountMin = 8

    /// For the next page. The first one is small: nothing is known yet.
    private(set) var itemCount = 128

    /// Takes into account what a page had.
    mutating func note(itemCount count: Int, byteCount: Int) {
        guard count > 0 else { return }
        let each = max(byteCount / count, 1)
        itemCount = min(
            max(Self.byteCountWanted / each, Self.itemCountMin), Limits.pageItemCountMax)
    }
}

import Glibc

/// Where `mark` first stands in `bytes`; nil when it does not. (memmem(3) is not in the Glibc
/// module.)
func offset(of mark: StaticString, in bytes: UnsafeRawBufferPointer) -> Int? {
    let markCount = mark.utf8CodeUnitCount
    guard let start = bytes.baseAddress, bytes.count >= markCount else { return nil }
    let lastStart = bytes.count - markCount
    var position = 0
    while position <= lastStart,
        let found = memchr(start + position, CInt(mark.utf8Start[0]), lastStart - position + 1)
    {
        position = UnsafeRawPointer(found) - start
        if memcmp(found, mark.utf8Start, markCount) == 0 { return position }
        position += 1
    }
    return nil
}

// Where blocking calls are made.

import Dispatch

extension DispatchQueue {
    /// Runs `body` on this queue and waits for it without holding a thread.
    /// - Throws: what `body` throws.
    public func run<Value: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result = await withCheckedContinuation { continuation in
            self.async {
                do throws(Failure) {
                    continuation.resume(returning: Result<Value, Failure>.success(try body()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }
}

import EventCore

/// Tries an operation of the store until it works, with pauses that grow.
struct StoreRetry: Sendable {
  let clock: any PoolClock
  let outage: StoreOutage

  /// - Returns: nil if the store is closed, or the task was cancelled while the store failed: the
  ///   operation may or may not have been done then.
  nonisolated(nonsending) func persist<T: Sendable>(
    _ operation: nonisolated(nonsending) () async throws(StoreError) -> T
  ) async -> T? {
    var backoff = StoreBackoff()
    while true {
      do throws(StoreError) {
        let value = try await operation()
        outage.succeeded()
        return value
      } catch .closed {
        return nil
      } catch {
        outage.failed(error)
        guard (try? await clock.sleep(backoff.next(after: error))) != nil else { return nil }
      }
    }
  }
}

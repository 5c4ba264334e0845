import EventCore

extension AttemptRunner {
  /// Makes the state after an attempt durable, as long as it takes: while the store fails, the
  /// outcome waits here and its permit stays taken, so what waits is bounded.
  ///
  /// - Returns: what the store has now, which is another state if the invocation was finished
  ///   meanwhile; nil if it is gone, or the pool shuts down first.
  func record(_ invocation: Invocation, of trigger: Trigger) async -> Invocation? {
    let isRecorded = await persist { () throws(StoreError) in
      try await store.record(invocation)
    }
    guard let isRecorded else { return nil }
    if isRecorded { return invocation }
    let stored = await persist { () throws(StoreError) in
      try await store.invocation(invocation.id, in: trigger.organization)
    }
    return stored ?? nil
  }

  private func persist<T: Sendable>(
    _ operation: () async throws(StoreError) -> T
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
